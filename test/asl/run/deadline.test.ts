import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gather, sleep, workflow } from '../../../lib/index.ts';
import { act, run } from './program.ts';

const input = z.object({ n: z.number() });

describe('gather', () => {
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
