import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpret } from '../../workflow/interpreter.ts';
import { documentOf, execute } from './program.ts';
import { program, workflowOf } from './random-programs.ts';

describe('a program made at random', () => {
  it('gives, compiled and run by the engine, what its graph means', {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(program, fc.integer({ min: -2, max: 2 }), async (block, n) => {
        const flow = await workflowOf(block);
        const expected = interpret(flow.graph, { n });
        const outcome = await execute(documentOf(flow), { n });
        if (expected.ok) {
          expect(outcome.error).toBeUndefined();
          expect(outcome.output).toEqual(expected.value);
        } else {
          expect(outcome).toMatchObject({ error: expected.error, cause: expected.cause });
        }
        expect(outcome.seconds * 1000).toBeCloseTo(expected.at, 0);
      }),
      { numRuns: 100, seed: 20_261_122 },
    );
  });
});
