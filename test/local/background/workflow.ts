import { z } from 'zod';
import { compileWorkflow } from '../../../lib/asl/compile.ts';
import { model, workflow } from '../../../lib/index.ts';

const think = model({ model: 'openai:gpt-5-mini', lane: 'background', timeout: '10 minutes' });

/** One call, for the runs whose process is killed. */
export const long = compileWorkflow(
  await workflow('long', { input: z.object({}) }, async () => think({ prompt: 'canary-prompt' })),
);
