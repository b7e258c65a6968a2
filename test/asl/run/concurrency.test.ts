import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gather, workflow } from '../../../lib/index.ts';
import { act, documentOf, run } from './program.ts';

const input = z.object({ n: z.number() });

describe('gather', () => {
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
});
