import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { any, gather, gt, race, sleep, when, workflow } from '../../../lib/index.ts';
import { act, documentOf, run } from './program.ts';

const input = z.object({ n: z.number() });

const orders = [
  [1, 2, 3],
  [1, 3, 2],
  [2, 1, 3],
  [2, 3, 1],
  [3, 1, 2],
  [3, 2, 1],
] as const;

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

  describe('with concurrency', () => {
    it('runs no more branches at once, and gives the results in order', async () => {
      const flow = await workflow('narrow', { input }, async ({ n }) =>
        gather(
          [
            act({ value: 'a', after: 3 }),
            act({ value: 'b', after: 1 }),
            async () => {
              await act({ value: 'c', after: 1 });
              return { c: n };
            },
            gather([act({ value: 'd' })]),
            act({ value: 'e', after: 1 }),
          ],
          { concurrency: 2 },
        ),
      );
      expect(await run(flow, { n: 7 })).toMatchObject({
        output: ['a', 'b', { c: 7 }, ['d'], 'e'],
        seconds: 3,
        transitions: 1 + 5 + 6,
      });
    });

    it('settles, keyed by record', async () => {
      const flow = await workflow('narrow', { input }, async () =>
        gather(
          { a: act({ fail: 'A' }), b: act({ value: 1 }), c: gather([]) },
          { concurrency: 1, returnExceptions: true },
        ),
      );
      expect((await run(flow)).output).toEqual({
        a: {
          status: 'rejected',
          reason: { error: 'A', cause: 'because of null', name: 'a', index: 0 },
        },
        b: { status: 'fulfilled', value: 1 },
        c: { status: 'fulfilled', value: [] },
      });
    });

    it('fails with the first failure, and starts no more', async () => {
      const flow = await workflow('narrow', { input }, async () =>
        gather(
          [act({ value: 1, after: 1, fail: 'A' }), act({ value: 2, after: 2 }), act({ value: 3 })],
          { concurrency: 2 },
        ),
      );
      expect(await run(flow)).toMatchObject({ error: 'A', called: [1, 2], stopped: [2] });
    });

    it('costs nothing where it does not narrow', async () => {
      const flow = await workflow('wide', { input }, async () =>
        gather([act({}), act({})], { concurrency: 2 }),
      );
      expect(JSON.parse(documentOf(flow)).States.gather.Type).toBe('Parallel');
    });
  });

  describe('with timeout', () => {
    it('rejects the late slots with Gather.Deadline and keeps the others', async () => {
      const flow = await workflow('deadline', { input }, async () =>
        gather(
          {
            early: act({ value: { a: [1] }, after: 1 }),
            late: act({ value: 'late', after: 100 }),
            failed: act({ fail: 'A' }),
          },
          { timeout: 10, returnExceptions: true },
        ),
      );
      expect(await run(flow)).toMatchObject({
        output: {
          early: { status: 'fulfilled', value: { a: [1] } },
          late: {
            status: 'rejected',
            reason: { error: 'Gather.Deadline', name: 'late', index: 1 },
          },
          failed: { status: 'rejected', reason: { error: 'A' } },
        },
        stopped: ['late'],
        seconds: 10,
      });
    });

    it('fails with Gather.Deadline without returnExceptions, and stops the others', async () => {
      const flow = await workflow('deadline', { input }, async () =>
        gather([act({ value: 1, after: 1 }), act({ value: 2, after: 20 })], { timeout: 10 }),
      );
      expect(await run(flow)).toMatchObject({
        status: 'FAILED',
        error: 'Gather.Deadline',
        stopped: [2],
        seconds: 10,
      });
    });

    it('costs four per branch', async () => {
      const flow = await workflow('cost', { input }, async () =>
        gather([act({ value: 1 }), act({ value: 2, after: 2 })], { timeout: 10 }),
      );
      expect(await run(flow)).toMatchObject({
        output: [1, 2],
        seconds: 2,
        transitions: 1 + 2 + 2 * 4,
      });
    });

    it('lets a branch win that is done at the very moment', async () => {
      const flow = await workflow('tie', { input }, async () =>
        gather([act({ value: 1, after: 10 })], { timeout: 10 }),
      );
      expect(await run(flow)).toMatchObject({ output: [1], seconds: 10 });
    });

    it('ends retries, waits and branches of several steps', async () => {
      const flow = await workflow('all', { input }, async () =>
        gather(
          {
            retries: act({ value: 'r', after: 3, fail: 'A' }).retry({ maxAttempts: 99 }),
            waits: async () => {
              await sleep('1 day');
              return 1;
            },
            steps: async () => {
              await act({ value: 's1', after: 6 });
              await act({ value: 's2', after: 6 });
            },
          },
          { timeout: 10, returnExceptions: true },
        ),
      );
      expect(await run(flow)).toMatchObject({
        output: {
          retries: { reason: { error: 'Gather.Deadline' } },
          waits: { reason: { error: 'Gather.Deadline' } },
          steps: { reason: { error: 'Gather.Deadline' } },
        },
        seconds: 10,
      });
    });

    it('counts from the start of the whole with a concurrency', async () => {
      const flow = await workflow('narrow', { input }, async ({ n }) => {
        await act({ after: 100 });
        const slots = await gather(
          [act({ value: n, after: 6 }), act({ value: 2, after: 6 }), act({ value: 3, after: 6 })],
          { concurrency: 1, timeout: 10, returnExceptions: true },
        );
        return slots;
      });
      expect(await run(flow, { n: 1 })).toMatchObject({
        output: [
          { status: 'fulfilled', value: 1 },
          { reason: { error: 'Gather.Deadline' } },
          { reason: { error: 'Gather.Deadline' } },
        ],
        seconds: 110,
      });
    });

    it('fails a result that is too long for a cause', async () => {
      const flow = await workflow('long', { input }, async () =>
        gather([act({ value: 'x'.repeat(33_000) })], { timeout: 10, returnExceptions: true }),
      );
      expect(await run(flow)).toMatchObject({
        output: [
          { reason: { error: 'Gather.ResultTooLarge', cause: expect.stringContaining('33') } },
        ],
      });
    });
  });

  it('ends each branch at its branchTimeout, with States.Timeout', async () => {
    const flow = await workflow('each', { input }, async () =>
      gather(
        [act({ value: 1, after: 6 }), act({ value: 2, after: 4 }), act({ value: 3, after: 4 })],
        {
          branchTimeout: 5,
          concurrency: 2,
          timeout: 7,
          returnExceptions: true,
        },
      ),
    );
    expect(await run(flow)).toMatchObject({
      output: [
        { reason: { error: 'States.Timeout' } },
        { status: 'fulfilled', value: 2 },
        { reason: { error: 'Gather.Deadline' } },
      ],
      seconds: 7,
    });
  });

  it('limits a single call that is not retried by its own state, at no cost', async () => {
    const flow = await workflow('task', { input }, async () =>
      gather([act({ value: 1, after: 6 }).retry({ maxAttempts: 0 })], {
        branchTimeout: 5,
        returnExceptions: true,
      }),
    );
    expect(await run(flow)).toMatchObject({
      output: [{ reason: { error: 'States.Timeout' } }],
      seconds: 5,
      transitions: 3,
    });
  });
});

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

describe('any', () => {
  it('gives the first success, whatever failed before it', async () => {
    const flow = await workflow('any', { input }, async () =>
      any({
        a: act({ value: 'a', fail: 'A' }),
        b: act({ value: 'b', after: 3 }),
        c: act({ value: 'c', after: 2 }),
      }),
    );
    expect(await run(flow)).toMatchObject({
      output: { name: 'c', index: 2, value: 'c' },
      stopped: ['b'],
      seconds: 2,
      transitions: 1 + 3 + 1 + 1 + 1,
    });
  });

  it('fails with GatherFailed and every reason when all fail', async () => {
    const make = () =>
      any({ a: act({ value: 1, after: 2, fail: 'A' }), b: act({ value: 2, fail: 'B' }) });
    const outcome = await run(await workflow('any', { input }, async () => make()));
    expect(outcome).toMatchObject({ error: 'GatherFailed', seconds: 2 });
    expect(JSON.parse(outcome.cause ?? '')).toEqual([
      { error: 'A', cause: 'because of 1', name: 'a', index: 0 },
      { error: 'B', cause: 'because of 2', name: 'b', index: 1 },
    ]);
    const caught = await workflow('any', { input }, async () =>
      make().catch('GatherFailed', ({ error }) => error),
    );
    expect(await run(caught)).toMatchObject({ output: 'GatherFailed' });
  });

  it('fails at its deadline, and at once when all fail before', async () => {
    const make = (fail: string | undefined, after: number) =>
      workflow('any', { input }, async () =>
        any([act({ value: 1, after, fail })], { timeout: 10 }),
      );
    expect(await run(await make(undefined, 20))).toMatchObject({
      error: 'Gather.Deadline',
      seconds: 10,
      stopped: [1],
    });
    expect(await run(await make('A', 2))).toMatchObject({ error: 'GatherFailed', seconds: 2 });
    expect(await run(await make(undefined, 2))).toMatchObject({
      output: { name: '0', index: 0, value: 1 },
      seconds: 2,
    });
  });

  it('takes 500 branches, of which one succeeds; 1,000 are more than a document holds', async () => {
    const many = (length: number) =>
      workflow('any', { input }, async () =>
        any(
          Array.from({ length }, (_, index) =>
            act({ value: index, ...(index === 400 ? {} : { fail: 'A' }) }).retry({
              maxAttempts: 0,
            }),
          ),
        ),
      );
    expect(await run(await many(500))).toMatchObject({
      output: { name: '400', index: 400, value: 400 },
    });
    const tooMany = await many(1000);
    await expect(async () => run(tooMany)).rejects.toThrow(/has 1\d+ bytes/);
  });

  it('fails where the winner is too long for a cause', async () => {
    const flow = await workflow('any', { input }, async () =>
      any([act({ value: 'x'.repeat(33_000) })]),
    );
    expect(await run(flow)).toMatchObject({ error: 'Gather.ResultTooLarge' });
  });

  it('runs branches of several steps, and reads what stands around it', async () => {
    const flow = await workflow('any', { input }, async ({ n }) => {
      const before = await act({ value: 'before' });
      const first = await any([
        async () => {
          await sleep(n as never);
          return when(gt(n, 0), act({ value: `${before} ${n}` }), 'none');
        },
        act({ fail: 'A' }),
      ]);
      return { ...{ won: first.value, by: first.name } };
    });
    expect(await run(flow, { n: 3 })).toMatchObject({ output: { won: 'before 3', by: '0' } });
  });
});
