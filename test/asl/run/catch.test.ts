import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fail, gather, gt, repeat, when, workflow } from '../../../lib/index.ts';
import { act, documentOf, run } from './program.ts';

const input = z.object({ n: z.number().default(0) });

describe('catch', () => {
  it("gives the handler's value instead of the failure, and costs one state at the end", async () => {
    const flow = await workflow('data', { input }, async () =>
      act({ value: 1, fail: 'Broken' }).catch(({ error, cause }) => ({ error, cause })),
    );
    expect(await run(flow)).toMatchObject({
      output: { error: 'Broken', cause: 'because of 1' },
      transitions: 2,
    });
  });

  it('costs nothing where steps follow, failure or not', async () => {
    const make = (fail?: string) =>
      workflow('follow', { input }, async () => {
        const found = await act({ value: 'found', fail }).catch(({ error }) => error);
        return await act({ value: `got ${found}` });
      });
    expect(await run(await make())).toMatchObject({ output: 'got found', transitions: 2 });
    expect(await run(await make('Lost'))).toMatchObject({ output: 'got Lost', transitions: 2 });
  });

  it('runs the steps of the handler, which reads the failure', async () => {
    const flow = await workflow('steps', { input }, async () => {
      const first = await act({ value: 'a', fail: 'Broken' }).catch(async ({ error }) => {
        await act({ value: 'clean up' });
        return await act({ value: { saw: error } }).named('tell');
      });
      return { first };
    });
    expect(await run(flow)).toMatchObject({
      output: { first: { saw: 'Broken' } },
      called: ['a', 'clean up', { saw: 'Broken' }],
      transitions: 3,
    });
  });

  it('takes the errors that it names, and lets the others go on', async () => {
    const make = (name: string) =>
      workflow('named', { input }, async () =>
        act({ fail: name })
          .catch('A', () => 'a')
          .catch(['B', 'C'], ({ error }) => error),
      );
    expect(await run(await make('A'))).toMatchObject({ output: 'a' });
    expect(await run(await make('C'))).toMatchObject({ output: 'C' });
    expect(await run(await make('D'))).toMatchObject({ status: 'FAILED', error: 'D' });
  });

  it('passes what a handler fails with to the next catch, as Promise does', async () => {
    const flow = await workflow('again', { input }, async () =>
      act({ fail: 'A' })
        .catch('A', ({ cause }) => fail('B', `after: ${cause}`))
        .catch('B', ({ error, cause }) => `${error} ${cause}`),
    );
    expect(await run(flow)).toMatchObject({ output: 'B after: because of null', transitions: 2 });
    const other = await workflow('other', { input }, async () =>
      act({ fail: 'A' })
        .catch(() => act({ fail: 'B' }))
        .catch('A', () => 'never'),
    );
    expect(await run(other)).toMatchObject({ status: 'FAILED', error: 'B' });
  });

  it('takes the failure of a gather, a when and a repeat', async () => {
    const flow = await workflow('composite', { input }, async ({ n }) => {
      const a = await gather([act({ fail: 'A' }), act({ after: 9 })]).catch(({ error }) => error);
      const b = await when(gt(n, -1), act({ fail: 'B' }), 0).catch(({ error }) => error);
      const c = await repeat({ start: 0, most: 3 }, () => act({ fail: 'C' })).catch('C', () => 'c');
      return { a, b, c };
    });
    expect(await run(flow, { n: 0 })).toMatchObject({
      output: { a: 'A', b: 'B', c: 'c' },
      seconds: 0,
    });
  });

  it('stands before the slot of a gather that settles', async () => {
    const flow = await workflow('slots', { input }, async () =>
      gather(
        {
          caught: act({ fail: 'A' }).catch('A', () => 'saved'),
          other: act({ fail: 'B' }).catch('A', () => 'saved'),
          handlerFails: act({ fail: 'A' }).catch('A', () => act({ fail: 'C' })),
          thrown: async () => {
            await act({});
            await fail('D', 'thrown');
          },
        },
        { returnExceptions: true },
      ),
    );
    expect((await run(flow)).output).toEqual({
      caught: { status: 'fulfilled', value: 'saved' },
      other: {
        status: 'rejected',
        reason: { error: 'B', cause: 'because of null', name: 'other', index: 1 },
      },
      handlerFails: {
        status: 'rejected',
        reason: { error: 'C', cause: 'because of null', name: 'handlerFails', index: 2 },
      },
      thrown: {
        status: 'rejected',
        reason: { error: 'D', cause: 'thrown', name: 'thrown', index: 3 },
      },
    });
  });

  it('spends the retries first', async () => {
    const flow = await workflow('retries', { input }, async () =>
      act({ value: 'x', fail: 'A' })
        .retry({ maxAttempts: 2 })
        .catch(() => 'gave up'),
    );
    expect(await run(flow)).toMatchObject({ output: 'gave up', called: ['x', 'x', 'x'] });
  });

  it('makes nothing of a step that costs no state', async () => {
    const flow = await workflow('empty', { input }, async () => ({
      none: await gather([]).catch(() => 'never'),
    }));
    expect(await run(flow)).toMatchObject({ output: { none: [] }, transitions: 1 });
  });

  it('writes the Catch of a state from the innermost to the outermost', async () => {
    const flow = await workflow('order', { input }, async () =>
      act({})
        .named('step')
        .catch('A', () => 'a')
        .catch(() => act({}).named('handle')),
    );
    const { States } = JSON.parse(documentOf(flow));
    expect(States.step.Catch).toEqual([
      { ErrorEquals: ['A'], Output: 'a', Next: 'step caught' },
      { ErrorEquals: ['States.ALL'], Next: 'handle' },
    ]);
    expect(Object.keys(States)).toEqual(['step', 'step caught', 'handle']);
  });

  it.each<[unknown[], RegExp]>([
    [['A'], /has no handler/],
    [[[], () => 1], /names the errors \[\]/],
    [['a b', () => 1], /without spaces/],
    [[['States.ALL', 'A'], () => 1], /stands alone/],
  ])('rejects catch(...%j)', async (args, message) => {
    const flow = workflow('bad', { input }, async () => {
      const step = act({}) as unknown as { catch(...args: unknown[]): PromiseLike<unknown> };
      return await step.catch(...args);
    });
    await expect(flow).rejects.toThrow(message);
  });

  it('fails for a handler that leaves a step behind', async () => {
    const flow = workflow('forgot', { input }, async () =>
      act({}).catch(() => {
        act({});
        return 1;
      }),
    );
    await expect(flow).rejects.toThrow(/never awaits: task 'act'/);
  });
});
