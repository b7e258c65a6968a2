import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PastHistory } from '../../lib/engine/history/past.ts';
import { loadMachine } from '../../lib/engine/machine.ts';
import { handlers, machines } from './generated-machine.ts';
import { branch, ended, engineWith, run, task } from './harness.ts';

test('any generated machine ends', async () => {
  await fc.assert(
    fc.asyncProperty(machines, async (definition) => {
      const { outcome } = await run(definition, handlers);
      expect(['SUCCEEDED', 'FAILED']).toContain(outcome.status);
    }),
    { numRuns: 100 },
  );
});

test('ids are dense and ordered, and every event follows one that came before it', async () => {
  await fc.assert(
    fc.asyncProperty(machines, async (definition) => {
      const { history } = await run(definition, handlers);
      for (const [index, event] of history.entries()) {
        expect(event.id).toBe(index + 1);
        expect(event.previousEventId).toBeLessThan(event.id);
        expect(event.timestamp).toBeGreaterThanOrEqual(history[index - 1]?.timestamp ?? 0);
      }
    }),
    { numRuns: 100 },
  );
});

test('every state that was entered was exited, in a run in which no branch failed', async () => {
  await fc.assert(
    fc.asyncProperty(machines, async (definition) => {
      const { history, outcome, types } = await run(definition, handlers);
      fc.pre(outcome.status === 'SUCCEEDED' && !types.includes('TaskStateAborted'));
      const entered = history.filter(({ type }) => type.endsWith('StateEntered'));
      const exited = history.filter(({ type }) => type.endsWith('StateExited'));
      expect(exited).toHaveLength(entered.length);
    }),
    { numRuns: 60 },
  );
});

test('the same machine, input and answers give the same history', async () => {
  await fc.assert(
    fc.asyncProperty(machines, async (definition) => {
      const [one, two] = [await run(definition, handlers), await run(definition, handlers)];
      expect(two.history).toEqual(one.history);
    }),
    { numRuns: 40 },
  );
});

test('a history replayed to its end gives the same run, and adds nothing to it', async () => {
  await fc.assert(
    fc.asyncProperty(machines, async (definition) => {
      const { history, outcome } = await run(definition, handlers);
      const replayed = await ended(engineWith({}).resume(loadMachine(definition), history));
      expect(replayed.outcome).toEqual(outcome);
      expect(replayed.history).toEqual(history);
      const open = new PastHistory(history.slice(0, -1));
      expect(open.end).toBeUndefined();
    }),
    { numRuns: 60 },
  );
});

test('output order is branch order under any interleaving of completions', async () => {
  const delays = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(delays, fc.boolean(), async (delays, mapped) => {
      const { output, history } = await run(
        mapped
          ? {
              StartAt: 'Each',
              States: {
                Each: { Type: 'Map', ItemProcessor: branch('T', task('f')), End: true },
              },
            }
          : {
              StartAt: 'Fan',
              States: {
                Fan: {
                  Type: 'Parallel',
                  Branches: delays.map((_, i) => branch(`T${i}`, task('f', { Parameters: { i } }))),
                  End: true,
                },
              },
            },
        {
          f: async (index, call) => {
            const at = typeof index === 'number' ? index : (index as { i: number }).i;
            await call.sleep((delays[at] ?? 0) * 1_000);
            return at;
          },
        },
        delays.map((_, index) => index),
      );
      expect(output).toEqual(delays.map((_, index) => index));
      const done = history
        .filter(({ type }) => type === 'LambdaFunctionSucceeded')
        .map(({ details }) => delays[Number(details?.output)] ?? 0);
      expect(done).toEqual([...done].sort((a, b) => a - b));
    }),
    { numRuns: 60 },
  );
});
