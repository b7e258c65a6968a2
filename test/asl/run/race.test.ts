import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { any, race, workflow } from '../../../lib/index.ts';
import { orders } from './orders.ts';
import { act, run } from './program.ts';

const input = z.object({ n: z.number() });

describe('race', () => {
  it.each(orders)('gives the first to settle: %i, %i, %i s', async (...after) => {
    const flow = await workflow('race', { input }, async () =>
      race({
        a: act({ value: 'A', after: after[0] }),
        b: act({ value: 'B', after: after[1] }),
        c: act({ value: 'C', after: after[2] }),
      }),
    );
    const index = after.indexOf(1);
    const name = 'abc'[index];
    expect(await run(flow)).toMatchObject({
      output: { name, index, value: name?.toUpperCase() },
      seconds: 1,
      transitions: 1 + 3 + 1 + 1,
    });
  });

  it('fails with the first failure where nothing has ended before it', async () => {
    const flow = await workflow('race', { input }, async () =>
      race([act({ value: 'a', after: 2 }), act({ value: 'b', after: 1, fail: 'B' })]),
    );
    expect(await run(flow)).toMatchObject({ error: 'B', stopped: ['a'], seconds: 1 });
  });

  it('stops the losers', async () => {
    const flow = await workflow('race', { input }, async () => {
      const first = await race([act({ value: 'a', after: 2 }), act({ value: 'b', after: 1 })]);
      return await act({ value: `won: ${first.value}` });
    });
    expect(await run(flow)).toMatchObject({
      output: 'won: b',
      stopped: ['a'],
      transitions: 1 + 2 + 1 + 1,
    });
  });

  it('fails at its deadline, and not before', async () => {
    const make = (after: number) =>
      workflow('race', { input }, async () => race([act({ value: 'a', after })], { timeout: 10 }));
    expect(await run(await make(11))).toMatchObject({ error: 'Gather.Deadline', seconds: 10 });
    expect(await run(await make(10))).toMatchObject({ output: { value: 'a' }, seconds: 10 });
    expect(await run(await make(1))).toMatchObject({
      output: { value: 'a' },
      seconds: 1,
      transitions: 1 + 1 + 1 + 1 + 1,
    });
  });

  it('keeps null, false and lists as values, and nests in itself', async () => {
    for (const value of [null, false, '', [], ['a'], [[1]], { a: '%}' }]) {
      const flow = await workflow('nest', { input }, async () => {
        const inner = race([act({ value, after: 1 }), act({ after: 5 })]);
        return race({ inner, slow: act({ after: 3 }) });
      });
      expect((await run(flow)).output).toEqual({
        name: 'inner',
        index: 0,
        value: { name: '0', index: 0, value },
      });
    }
  });

  it('rejects nothing to race', async () => {
    await expect(workflow('x', { input }, async () => race([]))).rejects.toThrow(/no branches/);
    await expect(workflow('x', { input }, async () => any({}))).rejects.toThrow(/no branches/);
  });
});
