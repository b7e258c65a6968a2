import { z } from 'zod';
import { call, compileWorkflow, gather, task, workflow } from '../../../lib/index.ts';
import type * as large from '../../fixtures/functions/large.ts';

const entry = 'test/fixtures/functions/large.ts';
const writePage = task<typeof large.page>(entry, { handler: 'page' });
// biome-ignore lint/suspicious/noExplicitAny: it measures what it is given.
const measure = task<(given: any) => large.Measure>(entry, { handler: 'measure' });
type Counted = (call: { url: string; step: string }) => Promise<{ answer: string }>;
const counted = task<Counted>('test/fixtures/functions/counted.ts', { timeout: 60 });
const page = z.object({ title: z.string(), body: z.string() });

/** Takes a large value, waits, and gives it with another one. */
const inner = await workflow(
  'inner',
  { input: z.object({ url: z.string(), page }) },
  async (given) => {
    const own = await writePage({ bytes: 250_000, word: 'inner ' });
    await counted({ url: given.url, step: 'slow' });
    return { own, given: given.page, measured: await measure({ own, given: given.page }) };
  },
);

/** Has a large value in its history when the slow step of the one that it starts runs. */
const outer = await workflow('outer', { input: z.object({ url: z.string() }) }, async ({ url }) => {
  const made = await writePage({ bytes: 300_000, word: 'outer ' });
  await counted({ url, step: 'before' });
  const { child } = await gather({
    child: call(inner, { url, page: made }, { execution: 'own' }),
    beside: counted({ url, step: 'beside' }),
  });
  return { made, child, measured: await measure({ made, child }) };
});

export const largeWorkflows = [outer, inner].map(compileWorkflow);
