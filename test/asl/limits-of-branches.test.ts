import { expect, test } from 'vitest';
import { z } from 'zod';
import { compileWorkflow } from '../../lib/asl/compile.ts';
import { gather, model, type Workflow, workflow } from '../../lib/index.ts';

const ask = model({ model: 'openai:gpt-5-mini', timeout: 100 });
const input = z.object({});

/** The limits of its model calls themselves, in the order of the document. */
function limitsOf(flow: Workflow): readonly number[] {
  const { definition } = compileWorkflow(flow);
  return [...definition.matchAll(/"timeoutSeconds":\s*(\d+)/g)].map(([, seconds]) =>
    Number(seconds),
  );
}

test('a call in a branch ends a second after the deadline that nobody waits beyond', async () => {
  const limited = (options: object) =>
    workflow('limited', { input }, async () =>
      gather([ask({ prompt: 'One' }), ask({ prompt: 'Two' }).timeout(10)], options),
    );
  expect(limitsOf(await limited({ timeout: 50 }))).toEqual([51, 10]);
  expect(limitsOf(await limited({ branchTimeout: 50 }))).toEqual([51, 10]);
  expect(limitsOf(await limited({ timeout: 60, branchTimeout: 50 }))).toEqual([51, 10]);
  expect(limitsOf(await limited({ timeout: 50, concurrency: 1 }))).toEqual([51, 10]);
  expect(limitsOf(await limited({ timeout: 500 }))).toEqual([100, 10]);
  expect(limitsOf(await limited({}))).toEqual([100, 10]);
});
