import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  any,
  compileWorkflow,
  each,
  eq,
  gather,
  model,
  task,
  type Workflow,
  when,
  workflow,
} from '../../lib/index.ts';
import type { Json } from '../../lib/json.ts';

const input = z.object({ items: z.array(z.string()), word: z.string() });
const ask = model({ model: 'openai:m' });
type Made = { text: string; list: string[]; score: number };
const make = task<(input: { about: string }) => Promise<Made>>('functions/make.ts');

/** What each state is told of its result, by the state's name. */
function told(flow: Workflow): Record<string, Json> {
  const found: Record<string, Json> = {};
  JSON.parse(compileWorkflow(flow).definition, function (this: unknown, key, value) {
    if (key === 'States') {
      for (const [name, state] of Object.entries(value as Record<string, { Arguments?: Told }>)) {
        const { run: _, ...allowance } = state.Arguments?.payload ?? {};
        if (state.Arguments) found[name] = allowance as Json;
      }
    }
    return value;
  });
  return found;
}

interface Told {
  readonly payload?: Record<string, Json>;
}

const full = 196_608;

describe('what a call may leave in the data of a run', () => {
  it('is not said where it is the full share', async () => {
    const flow = await workflow('one', { input }, async ({ word }) => {
      const made = await make({ about: word });
      return ask({ prompt: made.text });
    });
    expect(told(flow)).toEqual({ make: {}, m: {} });
  });

  it('is divided among branches, and among what stands together', async () => {
    const flow = await workflow('two', { input }, async ({ word }) => {
      const made = await make({ about: word });
      const both = await gather({ a: ask({ prompt: word }), b: make({ about: made.text }) });
      return { made, both };
    });
    expect(told(flow)).toEqual({
      made: { share: full / 2 },
      a: { share: full / 4 },
      b: { share: full / 4 },
    });
  });

  it('counts a value twice that is put in twice, and two parts of it once', async () => {
    const flow = await workflow('parts', { input }, async ({ word }) => {
      const [a, b] = await gather([make({ about: word }), make({ about: word })]);
      await make({ about: word }).named('last');
      return { a, again: a, b: b.text, c: b.list };
    });
    const share = full / 4;
    expect(told(flow)).toEqual({ make: { share }, 'make 2': { share }, last: {} });
  });

  it('is what a Fail can carry, for a winner and under a deadline', async () => {
    const flow = await workflow('wins', { input }, async ({ word }) => ({
      first: await any({ a: ask({ prompt: word }) }),
      late: await gather([ask({ prompt: word }).named('b')], { timeout: 60 }),
    }));
    expect(told(flow)).toEqual({ a: { share: 30_000 }, b: { share: 30_000 } });
  });

  it('hangs on the length of a list, in the words of the document', async () => {
    const flow = await workflow('list', { input }, async ({ items }) =>
      each(items, (word) => gather([make({ about: word }), ask({ prompt: word })])),
    );
    const share = '{% $floor(196608 / $count($states.context.Execution.Input.items) / 2) %}';
    expect(told(flow)).toEqual({ make: { share }, m: { share } });
  });

  it('keeps what a condition, an each and a place in a list read', async () => {
    const flow = await workflow('keeps', { input }, async ({ word }) => {
      const made = await make({ about: word });
      await each(made.list, (item) => make({ about: item }).named('inner'));
      return when(
        eq(made.score, 1),
        async () => ask({ prompt: made.text }),
        async () => word,
      );
    });
    expect(told(flow).make).toEqual({ keep: ['/score', '/list/*'] });
  });

  it('keeps it through a gather, and for a model inside of its output', async () => {
    const judge = model({ model: 'openai:judge', output: z.object({ stars: z.number() }) });
    const flow = await workflow('through', { input }, async ({ word }) => {
      const { verdict, text } = await gather({
        verdict: judge({ prompt: word }),
        text: make({ about: word }),
      });
      await when(
        eq(verdict.stars, 5),
        async () => ask({ prompt: word }),
        async () => word,
      );
      return text.list[0];
    });
    expect(told(flow)).toMatchObject({
      verdict: { keep: ['/output/stars'] },
      text: { keep: ['/list/*'] },
    });
  });
});
