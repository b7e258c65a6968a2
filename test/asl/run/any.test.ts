import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { any, gt, sleep, when, workflow } from '../../../lib/index.ts';
import { act, run } from './program.ts';

const input = z.object({ n: z.number() });

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
