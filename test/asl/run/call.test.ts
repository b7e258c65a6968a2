import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, each, gather, sleep, workflow } from '../../../lib/index.ts';
import { act, documentOf, run } from './program.ts';

const input = z.object({ n: z.number() });
const inner = await workflow(
  'inner',
  {
    input: z.object({
      word: z.string(),
      deep: z.object({ n: z.number().default(7) }).default({ n: 7 }),
    }),
  },
  async ({ word, deep }) => {
    const first = await act({ value: `${word}!` }).named('say');
    await sleep(deep.n);
    return { first, twice: `${word}${word}`, n: deep.n };
  },
);

describe('call', () => {
  it('runs the body of the workflow in place, at no cost of its own', async () => {
    const flow = await workflow('outer', { input }, async ({ n }) => {
      const one = await call(inner, { word: `w${n}`, deep: { n: n } });
      const two = await call(inner, { word: 'fixed' });
      return { one, two };
    });
    expect(await run(flow, { n: 2 })).toMatchObject({
      output: {
        one: { first: 'w2!', twice: 'w2w2', n: 2 },
        two: { first: 'fixed!', twice: 'fixedfixed', n: 7 },
      },
      transitions: 4,
      seconds: 9,
    });
    expect(Object.keys(JSON.parse(documentOf(flow)).States)).toEqual([
      'say',
      'sleep',
      'say 2',
      'sleep 2',
    ]);
  });

  it('can be gathered, mapped and caught', async () => {
    const flow = await workflow('outer', { input }, async ({ n }) => {
      const [a, b] = await gather([call(inner, { word: 'a' }), call(inner, { word: 'b' })]);
      const each2 = await each(['x', 'y'], (word) => call(inner, { word, deep: { n } }));
      const failing = await workflowThatFails();
      return { a: a.first, b: b.first, each: each2, failing };
    });
    expect(await run(flow, { n: 1 })).toMatchObject({
      output: {
        a: 'a!',
        b: 'b!',
        each: [{ first: 'x!' }, { first: 'y!' }],
        failing: 'caught Broken',
      },
    });
  });

  const failing = workflow('failing', { input: z.object({}) }, async () => act({ fail: 'Broken' }));
  const workflowThatFails = async () =>
    call(await failing, {}).catch(({ error }) => `caught ${error}`);

  it('takes its whole input from a step', async () => {
    const flow = await workflow('outer', { input }, async () => {
      const given = await act({ value: { word: 'run', deep: { n: 3 } } });
      return call(inner, given);
    });
    expect(await run(flow, { n: 0 })).toMatchObject({ output: { first: 'run!', n: 3 } });
  });

  it('rejects what is no workflow, and an input that lacks a field', async () => {
    const none = workflow('outer', { input }, async () => call({} as never, {} as never));
    await expect(none).rejects.toThrow(/where a workflow belongs/);
    const lacking = workflow('outer', { input }, async () => call(inner, {} as never));
    await expect(lacking).rejects.toThrow(/The input of workflow 'inner' lacks 'word'/);
    const typo = workflow('outer', { input }, async () =>
      // @ts-expect-error a number is no text
      call(inner, { word: 1 }),
    );
    await typo;
  });
});

const echo = await workflow('echo', { input: z.object({ it: z.any() }) }, async ({ it }) =>
  act({ value: `${it}` }),
);

describe('text of a list of one', () => {
  it.each([['Red'], [['Red']], [[]], [[['Red']]], [null], [{ a: 1 }]])(
    'keeps its brackets around %j',
    async (value) => {
      const flow = await workflow('text', { input: z.object({ n: z.any() }) }, async ({ n }) =>
        call(echo, { it: [n] }),
      );
      expect((await run(flow, { n: value as never })).output).toBe(JSON.stringify([value]));
    },
  );
});
