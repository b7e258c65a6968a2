import { z } from 'zod';
import { compileWorkflow } from '../../../lib/asl/compile.ts';
import { each, model, workflow } from '../../../lib/index.ts';

async function calls(name: string, timeout: string) {
  const ask = model({ model: 'openai:gpt-5-mini', lane: 'batch', timeout });
  return compileWorkflow(
    await workflow(name, { input: z.object({}) }, async () =>
      each([1, 2, 3, 4, 5], (item) => ask({ prompt: `canary-prompt ${item}` })),
    ),
  );
}

/** Five calls, for the runs whose process is killed. */
export const five = await calls('five', '10 minutes');
/** The same, with 9 seconds for the batch. */
export const hasty = await calls('hasty', '12 seconds');
