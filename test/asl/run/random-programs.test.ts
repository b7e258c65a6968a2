import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calledWorkflows } from '../../../lib/workflow/workflow.ts';
import { interpret } from '../../workflow/interpreter.ts';
import { documentOf, execute, type Outcome } from './program.ts';
import { program } from './random-programs.ts';
import { workflowOf } from './written-program.ts';

/** An execution's failure, as DescribeExecution tells it in the cause. */
function told(outcome: Outcome, raw: string) {
  expect(outcome.error).toBe(raw);
  const { Error: error, Cause: cause } = JSON.parse(outcome.cause ?? '');
  return { error, cause };
}

describe('a program made at random', () => {
  it('gives, compiled and run by the engine, what its graph means', {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.integer({ min: -2, max: 2 }), async (block, n) => {
        const flow = await workflowOf(block);
        const expected = interpret(flow.graph, { n });
        const others = flow[calledWorkflows];
        const outcome = await execute(documentOf(flow), { n }, { others });
        if (expected.ok) {
          expect(outcome.error).toBeUndefined();
          expect(outcome.output).toEqual(expected.value);
        } else {
          const { error, cause, raw } = expected;
          expect(raw === undefined ? outcome : told(outcome, raw)).toMatchObject({ error, cause });
        }
        expect(outcome.seconds * 1000).toBeCloseTo(expected.at, 0);
      }),
      { numRuns: 100, seed: 20_261_122 },
    );
  });
});
