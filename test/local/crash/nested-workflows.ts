import { z } from 'zod';
import { call, compileWorkflow, gather, task, workflow } from '../../../lib/index.ts';

type Counted = (call: { url: string; step: string }) => Promise<{ answer: string }>;
const counted = task<Counted>('test/fixtures/functions/counted.ts', { timeout: 60 });
const input = z.object({ url: z.string(), middle: z.string().default('slow') });

/** Three steps, the middle one as it is told. */
const inner = await workflow('inner', { input }, async ({ url, middle }) => {
  const first = await counted({ url, step: 'in-first' });
  await counted({ url, step: middle });
  const last = await counted({ url, step: 'in-last' });
  return { first: first.answer, last: last.answer };
});

/** Starts it beside a step, and goes on. */
const outer = await workflow('outer', { input }, async ({ url, middle }) => {
  const { child } = await gather({
    child: call(inner, { url, middle }, { execution: 'own' }),
    beside: counted({ url, step: 'beside' }),
  });
  await counted({ url, step: 'after' });
  return child;
});

export const nested = [outer, inner].map(compileWorkflow);
