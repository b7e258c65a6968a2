import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gather, workflow } from '../../../lib/index.ts';
import { orders } from './orders.ts';
import { act, run } from './program.ts';

const input = z.object({ n: z.number() });

describe('gather', () => {
  it.each(orders)(
    'gives the results in the order of the branches: %i, %i, %i s',
    async (...after) => {
      const flow = await workflow('order', { input }, async () =>
        gather(after.map((seconds, index) => act({ value: index, after: seconds }))),
      );
      expect(await run(flow)).toMatchObject({ output: [0, 1, 2], seconds: 3, transitions: 4 });
    },
  );

  it('fails with the first failure and stops the others', async () => {
    const flow = await workflow('first', { input }, async () =>
      gather([
        act({ value: 'a', after: 3, fail: 'A' }),
        act({ value: 'b', after: 1, fail: 'B' }),
        act({ value: 'c', after: 2 }),
      ]),
    );
    expect(await run(flow)).toMatchObject({
      status: 'FAILED',
      error: 'B',
      cause: 'because of "b"',
      stopped: ['a', 'c'],
      seconds: 1,
    });
  });

  it('fails with one of several failures at once: that of the first branch', async () => {
    const flow = await workflow('at-once', { input }, async () =>
      gather([act({ after: 2 }), act({ after: 1, fail: 'B' }), act({ after: 1, fail: 'C' })]),
    );
    expect(await run(flow)).toMatchObject({ status: 'FAILED', error: 'B', seconds: 1 });
  });

  it('keeps undefined results, null, false, 0 and "" in their slots', async () => {
    const values = [null, false, 0, '', [], {}];
    const flow = await workflow('slots', { input }, async () => ({
      plain: await gather(values.map((value) => act({ value }))),
      settled: await gather(
        values.map((value) => act({ value })),
        { returnExceptions: true },
      ),
    }));
    expect((await run(flow)).output).toEqual({
      plain: values,
      settled: values.map((value) => ({ status: 'fulfilled', value })),
    });
  });

  it('takes 1 and 1,000 branches', async () => {
    const many = (count: number) =>
      workflow('many', { input }, async () =>
        gather(
          Array.from({ length: count }, (_, index) =>
            act({ value: index }).retry({ maxAttempts: 0 }),
          ),
        ),
      );
    expect((await run(await many(1))).output).toEqual([0]);
    expect(await run(await many(1000))).toMatchObject({
      output: Array.from({ length: 1000 }, (_, index) => index),
      transitions: 1001,
    });
  });

  it('nests', async () => {
    const flow = await workflow('nests', { input }, async () =>
      gather({
        a: gather([act({ value: 1, after: 2 }), gather({ deep: act({ value: 2 }) })]),
        b: async () => {
          const both = await gather([act({ value: 3 }), act({ value: 4 })]);
          return { swapped: [both[1], both[0]] };
        },
      }),
    );
    expect(await run(flow)).toMatchObject({
      output: { a: [1, { deep: 2 }], b: { swapped: [4, 3] } },
      transitions: 1 + 1 + 1 + 1 + 1 + 1 + 2,
    });
  });

  describe('with returnExceptions', () => {
    it('waits for all, failed or not, and stops nobody', async () => {
      const flow = await workflow('settled', { input }, async () =>
        gather(
          [
            act({ value: 'a', after: 1, fail: 'A' }),
            act({ value: 'b', after: 5 }),
            act({ fail: 'C' }),
          ],
          { returnExceptions: true },
        ),
      );
      expect(await run(flow)).toMatchObject({
        output: [
          { status: 'rejected', reason: { error: 'A', name: '0', index: 0 } },
          { status: 'fulfilled', value: 'b' },
          { status: 'rejected', reason: { error: 'C', name: '2', index: 2 } },
        ],
        stopped: [],
        seconds: 5,
        transitions: 1 + 3 + 2,
      });
    });

    it('settles when all fail', async () => {
      const flow = await workflow('settled', { input }, async () =>
        gather([act({ fail: 'A' }), act({ fail: 'B' })], { returnExceptions: true }),
      );
      expect(await run(flow)).toMatchObject({ status: 'SUCCEEDED', transitions: 5 });
    });
  });

  describe('with tolerate', () => {
    const tolerating = (tolerate: number | `${number}%`, fails: (string | undefined)[]) =>
      workflow('tolerating', { input }, async () =>
        gather(
          fails.map((fail) => act({ fail })),
          { tolerate },
        ),
      );

    it('gives the slots while no more are rejected than it tolerates', async () => {
      expect(await run(await tolerating(1, ['A', undefined, undefined]))).toMatchObject({
        output: [{ status: 'rejected' }, { status: 'fulfilled' }, { status: 'fulfilled' }],
        transitions: 1 + 3 + 1 + 1 + 1,
      });
      expect(await run(await tolerating('50%', ['A', undefined]))).toMatchObject({
        status: 'SUCCEEDED',
      });
      expect(await run(await tolerating(0, [undefined]))).toMatchObject({ status: 'SUCCEEDED' });
    });

    it('fails with GatherFailed and every reason when more are', async () => {
      for (const tolerate of [1, '66%', '0%'] as const) {
        const outcome = await run(await tolerating(tolerate, ['A', undefined, 'B', 'C']));
        expect(outcome).toMatchObject({ status: 'FAILED', error: 'GatherFailed' });
        expect(JSON.parse(outcome.cause ?? '')).toEqual([
          { error: 'A', cause: 'because of null', name: '0', index: 0 },
          { error: 'B', cause: 'because of null', name: '2', index: 2 },
          { error: 'C', cause: 'because of null', name: '3', index: 3 },
        ]);
      }
    });

    it('takes a record, and a catch around it', async () => {
      const flow = await workflow('record', { input }, async () => {
        const kept = await gather({ a: act({ fail: 'A' }), b: act({ value: 1 }) }, { tolerate: 1 });
        const lost = await gather(
          { a: act({ fail: 'A' }), b: act({ fail: 'B' }) },
          { tolerate: 1 },
        ).catch('GatherFailed', ({ error, cause }) => ({ error, cause }));
        return { kept, lost };
      });
      expect((await run(flow)).output).toMatchObject({
        kept: { a: { status: 'rejected' }, b: { status: 'fulfilled', value: 1 } },
        lost: { error: 'GatherFailed', cause: expect.stringContaining('"name":"b"') },
      });
    });

    it.each([[-1], [1.5], ['101%'], ['many']])('rejects %j', async (tolerate) => {
      const flow = workflow('bad', { input }, async () =>
        gather([act({})], { tolerate: tolerate as never }),
      );
      await expect(flow).rejects.toThrow(/Write a whole number of slots/);
    });
  });
});
