import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { agent, gather, tool, type Workflow, workflow } from '../../../lib/index.ts';
import { act, documentOf, execute, type Script } from './program.ts';

const acting = fc.record(
  { value: fc.oneof(fc.integer(), fc.constantFrom(null, false, [], 'text')), after: fc.nat(20) },
  { requiredKeys: ['value', 'after'] },
);
const toolAct = fc.oneof(
  acting,
  acting.map((one) => ({ ...one, fail: 'Tool.Broke' })),
);

/** What a model does: some turns with tool calls, and then an answer or a failure. */
const script: fc.Arbitrary<Script> = fc
  .record({
    turns: fc.array(
      fc.array(fc.tuple(fc.constantFrom('first', 'second'), toolAct), {
        minLength: 1,
        maxLength: 3,
      }),
      { maxLength: 4 },
    ),
    last: acting,
    fail: fc.option(fc.constantFrom('Red', 'Green'), { nil: undefined, freq: 4 }),
  })
  .map(({ turns, last, fail }) => ({
    ...last,
    ...(fail === undefined ? {} : { fail }),
    turns: turns.map((calls, turn) =>
      calls.map(([name, one], at) => ({ id: `${turn}.${at}`, name, arguments: one })),
    ),
  }));

/** A conversation on paper: how long it takes, and what its tools are asked. */
function meant({ turns = [], after = 0, value, fail }: Script, maxTurns: number) {
  // The last turn may use no tools.
  const used = turns.slice(0, maxTurns - 1);
  const rounds = used.map((calls) => Math.max(...calls.map((one) => one.arguments.after ?? 0)));
  return {
    seconds: rounds.reduce((sum, seconds) => sum + seconds, after),
    asked: used.flat().map((one) => one.arguments.value),
    value,
    fail,
  };
}

function agents(scripts: readonly Script[], maxTurns: number): Promise<Workflow> {
  const uses = tool({ description: 'Acts.', input: z.any(), run: (one) => act(one as never) });
  const clerk = agent({ model: 'openai:m', maxTurns, tools: { first: uses, second: uses } });
  return workflow('agents', { input: z.object({}) }, async () =>
    gather(scripts.map((one) => clerk({ prompt: JSON.stringify(one) }))),
  ) as Promise<Workflow>;
}

describe('agents whose conversations are made at random, gathered', () => {
  it('ask their tools in order, at once, and end as on paper', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(script, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        async (scripts, maxTurns) => {
          const outcome = await execute(documentOf(await agents(scripts, maxTurns)));
          const all = scripts.map((one) => meant(one, maxTurns));
          const failed = all.filter(({ fail }) => fail !== undefined);
          if (failed.length > 0) {
            const seconds = Math.min(...failed.map((one) => one.seconds));
            const first = failed.filter((one) => one.seconds === seconds);
            expect(outcome.seconds).toBe(seconds);
            expect(first.map(({ fail }) => fail)).toContain(outcome.error);
            return;
          }
          expect(outcome.output).toEqual(all.map(({ value }) => value));
          expect(outcome.seconds).toBe(Math.max(...all.map(({ seconds }) => seconds)));
          if (all.length > 1) return;
          const turns = Math.min(scripts[0]!.turns!.length, maxTurns - 1);
          // A model's turn that asks for tools is called too, without a value of its own.
          const tools = outcome.called.filter((value) => value !== null);
          const asked = [...all[0]!.asked, all[0]!.value].filter((value) => value !== null);
          expect(tools).toEqual(asked);
          expect(outcome.called.length).toBe(turns + all[0]!.asked.length + 1);
        },
      ),
      { numRuns: 60, seed: 20_261_122 },
    );
  });
});
