import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  and,
  eq,
  exists,
  fail,
  gather,
  gt,
  gte,
  includes,
  jsonata,
  lt,
  lte,
  matches,
  ne,
  not,
  or,
  sleep,
  when,
  workflow,
} from '../../../lib/index.ts';
import { act, documentOf, run, typed } from './program.ts';

const input = z.object({ n: z.number() });
const number = typed<number>();

describe('when', () => {
  const flow = workflow('when', { input }, async ({ n }) => {
    const score = await number({ value: n as never }).named('score');
    const verdict = await when(
      gt(score, 7),
      act({ value: 'publish' }).named('publish'),
      async () => {
        await act({ value: 'rework' }).named('rework');
        return await act({ value: 'again' }).named('again');
      },
    );
    return { score, verdict };
  });

  it('runs one of its cases and gives its value, at no other cost than the Choice', async () => {
    expect(await run(await flow, { n: 9 })).toMatchObject({
      output: { score: 9, verdict: 'publish' },
      transitions: 3,
    });
    expect(await run(await flow, { n: 3 })).toMatchObject({
      output: { score: 3, verdict: 'again' },
      called: [3, 'rework', 'again'],
      transitions: 4,
    });
  });

  it('writes a Choice between the cases, in the same machine', async () => {
    const { States } = JSON.parse(documentOf(await flow));
    expect(Object.keys(States)).toEqual(['score', 'verdict', 'publish', 'rework', 'again']);
    expect(States.verdict).toEqual({
      Type: 'Choice',
      Choices: [{ Condition: '{% $score > 7 %}', Next: 'publish' }],
      Default: 'rework',
    });
    expect(States.publish.Output).toEqual({
      score: '{% $score %}',
      verdict: '{% $states.result %}',
    });
  });

  it('joins its cases through one variable where steps follow', async () => {
    const joined = await workflow('joined', { input }, async ({ n }) => {
      const word = await when(lt(n, 0), act({ value: { text: 'below' } }), { text: 'above' });
      return await act({ value: `it is ${word.text}` });
    });
    expect(await run(joined, { n: -1 })).toMatchObject({ output: 'it is below', transitions: 3 });
    expect(await run(joined, { n: 1 })).toMatchObject({ output: 'it is above', transitions: 2 });
  });

  it('costs one state more at the end, where a case has no step', async () => {
    const data = await workflow('data', { input }, async ({ n }) =>
      when(lt(n, 0), act({ value: 'below' })),
    );
    expect(await run(data, { n: -1 })).toMatchObject({ output: 'below', transitions: 2 });
    expect(await run(data, { n: 1 })).toMatchObject({ output: null, transitions: 2 });
  });

  it('makes else-ifs of an otherwise that is a when: one Choice for all', async () => {
    const flat = await workflow('flat', { input }, async ({ n }) =>
      when(
        lt(n, 0),
        act({ value: 'below' }),
        when(eq(n, 0), act({ value: 'zero' }), act({ value: 'above' })),
      ),
    );
    expect(await run(flat, { n: -1 })).toMatchObject({ output: 'below', transitions: 2 });
    expect(await run(flat, { n: 0 })).toMatchObject({ output: 'zero', transitions: 2 });
    expect(await run(flat, { n: 1 })).toMatchObject({ output: 'above', transitions: 2 });
  });

  it('can be nested, and be the only thing in a branch', async () => {
    const nested = await workflow('nested', { input }, async ({ n }) =>
      gather({
        a: when(gt(n, 0), when(gt(n, 10), act({ value: 'big' }), 'small'), async () => {
          await sleep('1 minute');
          return 'negative';
        }),
        b: act({ value: n }),
      }),
    );
    expect(await run(nested, { n: 11 })).toMatchObject({ output: { a: 'big', b: 11 } });
    expect(await run(nested, { n: 1 })).toMatchObject({ output: { a: 'small', b: 1 } });
    expect(await run(nested, { n: -1 })).toMatchObject({
      output: { a: 'negative', b: -1 },
      seconds: 60,
    });
  });

  it('keeps null, false, 0, "" and empty lists as values', async () => {
    for (const value of [null, false, 0, '', [], [[]], {}, [null], ['a'], [['a']]]) {
      const kept = await workflow('kept', { input }, async ({ n }) => {
        const found = await when(gt(n, 0), act({ value }), 'none');
        return { found, again: await act({ value: found }) };
      });
      expect(await run(kept, { n: 1 })).toMatchObject({ output: { found: value, again: value } });
    }
  });

  it('gives null for a part that the case does not have', async () => {
    const part = await workflow('part', { input }, async ({ n }) => {
      const found = await when(gt(n, 0), act({ value: { a: 1 } }), async () => {
        await act({});
        return { b: 2 };
      });
      const { b } = found as unknown as { b: never };
      return await act({ value: { b } });
    });
    expect((await run(part, { n: 1 })).status).toBe('FAILED');
    expect(await run(part, { n: 0 })).toMatchObject({ output: { b: 2 } });
  });

  it('lets exists ask for a part that a step may not give, and the cases read it', async () => {
    for (const value of [{}, { note: 'here' }, { note: null }]) {
      const flow = await workflow('optional', { input }, async () => {
        const found = await act({ value });
        const first = await when(exists(found.note), act({ value: found.note }), 'none');
        const both = await when(
          and(exists(found.note), eq(found.note, 'here')),
          gather([act({ value: `${found.note}!` })]),
          ['none'],
        );
        return { first, both };
      });
      const text = (value as { note?: string }).note ?? 'none';
      expect((await run(flow, { n: 0 })).output).toEqual({
        first: text,
        both: [text === 'here' ? 'here!' : 'none'],
      });
    }
  });

  it('fails with the error of fail, and stops there', async () => {
    const guarded = await workflow('guarded', { input }, async ({ n }) => {
      await when(lt(n, 0), fail('Negative', `it is ${n}`));
      return await act({ value: n });
    });
    expect(await run(guarded, { n: -2 })).toMatchObject({
      status: 'FAILED',
      error: 'Negative',
      cause: 'it is -2',
      transitions: 2,
    });
    expect(await run(guarded, { n: 2 })).toMatchObject({ output: 2, transitions: 2 });
  });

  it('rejects a condition that is known already', async () => {
    const known = workflow('known', { input }, async () => when(true, act({})));
    await expect(known).rejects.toThrow(/condition of when is true already .* write `if`/);
  });

  it('fails when a case reads what another made', async () => {
    const leak = workflow('leak', { input }, async ({ n }) => {
      let seen: unknown;
      return await when(
        gt(n, 0),
        async () => {
          seen = await act({});
          return seen;
        },
        async () => await act({ value: seen }),
      );
    });
    await expect(leak).rejects.toThrow(/cannot see each other/);
  });
});

describe('conditions', () => {
  const data = z.object({ data: z.any() });
  const holds = async (condition: (data: never) => unknown, given: unknown): Promise<unknown> => {
    const flow = await workflow('conditions', { input: data }, async ({ data }) => ({
      holds: condition(data as never),
    }));
    return (await run(flow, { data: given as never })).output;
  };

  it.each<[string, (data: never) => unknown, unknown, boolean]>([
    ['eq', (d) => eq(d, 1 as never), 1, true],
    ['eq in depth', (d) => eq(d, { a: [1, 2] } as never), { a: [1, 2] }, true],
    ['eq of null', (d) => eq(d, null as never), null, true],
    ['eq of a text and a number', (d) => eq(d, '1' as never), 1, false],
    ['ne', (d) => ne(d, 1 as never), 1, false],
    ['ne of what is not there', (d) => ne((d as { x: never }).x, 1 as never), {}, true],
    ['lt', (d) => lt(d, 2), 1, true],
    ['lte', (d) => lte(d, 1), 1, true],
    ['gt of texts', (d) => gt(d, 'a'), 'b', true],
    ['gte', (d) => gte(d, 2), 1, false],
    ['and', (d) => and(gt(d, 0), lt(d, 2), not(eq(d, 3 as never))), 1, true],
    ['and of nothing', () => and(), 1, true],
    ['or', (d) => or(gt(d, 5), lt(d, 0)), 1, false],
    ['or in and', (d) => and(or(gt(d, 5), lt(d, 2)), gt(d, 0)), 1, true],
    ['not of or', (d) => not(or(gt(d, 5), lt(d, 2))), 1, false],
    ['exists', (d) => exists((d as { x: never }).x), { x: 0 }, true],
    ['exists of null', (d) => exists((d as { x: never }).x), { x: null }, false],
    ['exists of what is not there', (d) => exists((d as { x: never }).x), {}, false],
    ['includes in a list', (d) => includes(d, 'b'), ['a', 'b'], true],
    ['includes in a list of one', (d) => includes(d, 'b'), ['b'], true],
    ['includes in an empty list', (d) => includes(d, 'b'), [], false],
    ['includes in a text', (d) => includes(d, 'ell'), 'hello', true],
    ['includes in a fixed list', (d) => includes(['x', 'y'], d), 'y', true],
    ['matches', (d) => matches(d, /^h.l+o$/i), 'HELLO', true],
    ['matches with slashes', (d) => matches(d, /a\/b%}/), 'xa/b%}', true],
    ['matches not', (d) => matches(d, /^x/), 'hello', false],
    ['jsonata', (d) => jsonata`$sum(${d}.n) = 3`, [{ n: 1 }, { n: 2 }], true],
    [
      'jsonata with text that looks like code',
      (d) => jsonata`${d} = ${"' or true or '"}`,
      'x',
      false,
    ],
    ['eq with a list of two lists', (d) => eq([d, [1]] as never, [[], [1]] as never), [], true],
  ])('%s', async (_name, condition, given, expected) => {
    expect(await holds(condition, given)).toEqual({ holds: expected });
  });

  it('are values like any other: in a template, in a part, in a list', async () => {
    const flow = await workflow('values', { input }, async ({ n }) => ({
      text: `big: ${gt(n, 1)}, sum: ${jsonata<number>`${n} + 1`}`,
      part: jsonata<{ a: number[] }>`{ 'a': [${n}, 2] }`.a[0],
      list: await act({ value: [[n], [n, n], n] }),
    }));
    expect(await run(flow, { n: 2 })).toMatchObject({
      output: { text: 'big: true, sum: 3', part: 2, list: [[2], [2, 2], 2] },
      transitions: 1,
    });
  });

  it('reject what cannot be carried', async () => {
    const body = (make: () => unknown) =>
      workflow('bad', { input }, async () => {
        make();
        return await act({});
      });
    await expect(body(() => matches('a', /a/g))).rejects.toThrow(/the flags 'g'/);
    await expect(body(() => jsonata`1 +`)).rejects.toThrow(/is not JSONata/);
    await expect(body(() => jsonata`$eval('1')`)).rejects.toThrow(/\$eval/);
    await expect(body(() => jsonata`"%}"`)).rejects.toThrow(/would end the expression/);
    expect(() => eq(1, 1)).toThrow(/outside a workflow's body/);
    expect(() => jsonata`1`).toThrow(/outside a workflow's body/);
  });
});

describe('sleep', () => {
  it('waits, and costs one state', async () => {
    const flow = await workflow('sleep', { input }, async ({ n }) => {
      await sleep('5 minutes');
      await sleep(n, { name: 'as long as it says' });
      return n;
    });
    expect(await run(flow, { n: 7 })).toMatchObject({ output: 7, seconds: 307, transitions: 2 });
  });

  it.each([[0], ['5 fortnights'], [1.5]])('rejects the duration %j', async (duration) => {
    const flow = workflow('sleep', { input }, async () => sleep(duration));
    await expect(flow).rejects.toThrow(/The duration .* cannot be used/);
  });
});
