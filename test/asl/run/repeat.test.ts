import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gather, gte, jsonata, repeat, when, workflow } from '../../../lib/index.ts';
import { act, documentOf, run, typed } from './program.ts';

const input = z.object({ n: z.number() });
const number = typed<number>();

describe('repeat', () => {
  const counting = (most: number) =>
    workflow('counting', { input }, async ({ n }) => {
      await act({ value: 'before' });
      const last = await repeat(
        { start: 0, until: (value) => gte(value, n), most },
        async (value, turn) => {
          const next = await number({ value: jsonata<number>`${value} + 1` as never });
          await act({ value: `turn ${turn}` });
          return next;
        },
      );
      return { last };
    });

  it('runs until the condition holds, each turn with the last value', async () => {
    expect(await run(await counting(10), { n: 3 })).toMatchObject({
      output: { last: 3 },
      called: ['before', 1, 'turn 0', 2, 'turn 1', 3, 'turn 2'],
      // before, three turns of two steps and a Choice, and the end.
      transitions: 1 + 3 * 3 + 1,
    });
  });

  it('runs once at least', async () => {
    expect(await run(await counting(10), { n: -5 })).toMatchObject({ output: { last: 1 } });
  });

  it('ends at its bound, with the last value', async () => {
    expect(await run(await counting(2), { n: 99 })).toMatchObject({ output: { last: 2 } });
  });

  it('costs no state at its ends where others stand there', async () => {
    const flow = await workflow('between', { input }, async () => {
      await act({ value: 'before' });
      const last = await repeat({ start: 0, most: 2 }, (value) =>
        number({ value: jsonata<number>`${value} + 1` as never }),
      );
      return await act({ value: last });
    });
    expect(await run(flow, { n: 0 })).toMatchObject({ output: 2, transitions: 1 + 2 * 2 + 1 });
  });

  it('needs a state in front where nothing stands before it', async () => {
    const flow = await workflow('front', { input }, async ({ n }) =>
      repeat({ start: { count: n }, most: 2, name: 'loop' }, ({ count }) =>
        act({ value: { count: jsonata`${count} * 2` } }).named('double'),
      ),
    );
    const { StartAt, States } = JSON.parse(documentOf(flow));
    expect(StartAt).toBe('start');
    expect(Object.keys(States)).toEqual(['start', 'double', 'loop', 'loop done']);
    expect(States.loop).toEqual({
      Type: 'Choice',
      Choices: [
        {
          Condition: '{% $loop_turn >= 2 %}',
          Output: '{% $loop_value %}',
          Next: 'loop done',
        },
      ],
      Default: 'double',
    });
    expect(await run(flow, { n: 3 })).toMatchObject({ output: { count: 12 }, transitions: 6 });
  });

  it('nests, in itself, in a gather and in a when', async () => {
    const flow = await workflow('nests', { input }, async ({ n }) => {
      const inner = (start: unknown) =>
        repeat({ start: start as number, most: 2 }, (value) =>
          number({ value: jsonata<number>`${value} + 1` as never }),
        );
      const twice = await repeat({ start: n as unknown as number, most: 3 }, async (value) =>
        inner(value),
      );
      const both = await gather({ a: inner(0), b: inner(twice) });
      const third = await when(gte(twice, 6), async () => inner(100), 0);
      return { twice, both, third };
    });
    expect(await run(flow, { n: 0 })).toMatchObject({
      output: { twice: 6, both: { a: 2, b: 8 }, third: 102 },
    });
  });

  it('counts each turn of an inner loop anew', async () => {
    const flow = await workflow('anew', { input }, async () => {
      const log = await repeat({ start: '' as string, most: 2 }, async (outer, i) =>
        repeat({ start: outer, most: 2 }, async (value, j) => {
          const text = await act({ value: `${value}${i}${j} ` });
          return text;
        }),
      );
      return log;
    });
    expect(await run(flow, { n: 0 })).toMatchObject({ output: '00 01 10 11 ' });
  });

  it('goes on after a failure that the body catches', async () => {
    const flow = await workflow('goes-on', { input }, async () =>
      repeat({ start: 'none' as string, most: 3 }, (value) =>
        act({ value: `after ${value}`, fail: 'Broken' }).catch(({ cause }) => cause),
      ),
    );
    expect(await run(flow, { n: 0 })).toMatchObject({ status: 'SUCCEEDED', transitions: 8 });
  });

  it.each<[unknown, RegExp]>([
    [{ start: 0, most: 0 }, /Give most as a whole number from 1 to 1000/],
    [{ start: 0 }, /It says|it says/],
    [{ start: 0, most: 2, untill: 1 }, /unknown option 'untill'/],
    [{ start: 0, most: 2, until: true }, /repeat takes functions/],
  ])('rejects %j', async (options, message) => {
    const flow = workflow('bad', { input }, async () =>
      repeat(options as never, () => act({ value: 1 })),
    );
    await expect(flow).rejects.toThrow(message);
  });

  it('fails for a body that awaits nothing', async () => {
    const flow = workflow('bad', { input }, async () => repeat({ start: 0, most: 2 }, () => 1));
    await expect(flow).rejects.toThrow(/awaits nothing/);
  });
});
