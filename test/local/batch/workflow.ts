import { z } from 'zod';
import { compileWorkflow } from '../../../lib/asl/compile.ts';
import { each, model, workflow } from '../../../lib/index.ts';

const ask = model({ model: 'openai:gpt-5-mini', lane: 'batch', timeout: '10 minutes' });

/** Five calls, for the runs whose process is killed. */
export const five = compileWorkflow(
  await workflow('five', { input: z.object({}) }, async () =>
    each([1, 2, 3, 4, 5], (item) => ask({ prompt: `canary-prompt ${item}` })),
  ),
);
