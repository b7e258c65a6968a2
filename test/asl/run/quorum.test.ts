import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  compileWorkflow,
  each,
  gather,
  jsonata,
  lt,
  quorum,
  repeat,
  sleep,
  type Workflow,
  when,
  workflow,
} from '../../../lib/index.ts';
import type { Json } from '../../../lib/json.ts';
import { orders } from './orders.ts';
import { type Act, act, deployed, documentOf, execute, run } from './program.ts';

const input = z.object({ n: z.number() });

const fulfilled = (value: unknown) => ({ status: 'fulfilled', value });
const rejected = (error: string, name: string, index: number, cause: unknown = expect.anything()) =>
  ({ status: 'rejected', reason: { error, cause, name, index } }) as const;
const stopped = (name: string, index: number) =>
  rejected('Gather.Stopped', name, index, 'The quorum was met.');

/** A quorum of k of these calls, at the end of a workflow. */
function vote(k: number, acts: readonly Act[], options: object = {}): Promise<Workflow> {
  return workflow('vote', { input }, async () =>
    quorum(
      k,
      acts.map((each) => act(each)),
      options,
    ),
  ) as Promise<Workflow>;
}

function statuses(output: Json | undefined): readonly string[] {
  return (output as { status: string }[]).map(({ status }) => status).toSorted();
}

describe('quorum', () => {
  it('goes on at k successes, keeps what failed before, and stops the others', async () => {
    const flow = await workflow('vote', { input }, async () =>
      quorum(2, {
        a: act({ value: 'a', after: 1, fail: 'A' }),
        b: act({ value: 'b', after: 2 }),
        c: act({ value: 'c', after: 9 }),
        d: act({ value: 'd', after: 3 }),
      }),
    );
    expect(await run(flow)).toMatchObject({
      output: {
        a: rejected('A', 'a', 0, 'because of "a"'),
        b: fulfilled('b'),
        c: stopped('c', 2),
        d: fulfilled('d'),
      },
      stopped: ['c'],
      seconds: 3,
    });
  });

  it.each(orders)(
    'gives the slots in the order of the branches: %i, %i, %i s',
    async (...after) => {
      const flow = await vote(
        2,
        after.map((seconds, index) => ({ value: index, after: seconds })),
      );
      const { output, seconds } = await run(flow);
      expect(output).toEqual(
        after.map((second, index) =>
          second === 3 ? stopped(String(index), index) : fulfilled(index),
        ),
      );
      expect(seconds).toBe(2);
    },
  );

  it.each(orders)('fails as soon as k are out of reach: %i, %i, %i s', async (...after) => {
    const flow = await vote(
      2,
      after.map((seconds, index) => ({ value: index, after: seconds, fail: `E${index}` })),
    );
    const outcome = await run(flow);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'GatherFailed', seconds: 2 });
    // In the order of the branches, whichever failed first.
    expect(JSON.parse(outcome.cause ?? '')).toEqual(
      [0, 1, 2]
        .filter((index) => after[index] !== 3)
        .map((index) => ({
          error: `E${index}`,
          cause: `because of ${index}`,
          name: String(index),
          index,
        })),
    );
  });

  it('counts to k exactly where all succeed at once', async () => {
    const { output } = await run(await vote(3, Array(7).fill({ value: 1, after: 1 })));
    expect(statuses(output)).toEqual([...Array(3).fill('fulfilled'), ...Array(4).fill('rejected')]);
  });

  it('fails once where several fail at once, with as many reasons as decided it', async () => {
    const outcome = await run(await vote(3, Array(5).fill({ fail: 'A', after: 1 })));
    expect(outcome).toMatchObject({ error: 'GatherFailed', seconds: 1 });
    expect(JSON.parse(outcome.cause ?? '')).toHaveLength(3);
  });

  it('fails where all fail, and a handler takes it', async () => {
    const flow = await workflow('vote', { input }, async () =>
      quorum(1, {
        a: act({ value: 1, after: 2, fail: 'A' }),
        b: act({ value: 2, fail: 'B' }),
      }).catch('GatherFailed', ({ cause }) => jsonata`$parse(${cause}).error`),
    );
    expect(await run(flow)).toMatchObject({ output: ['A', 'B'], seconds: 2 });
  });

  it('takes one branch, which is all of them', async () => {
    const one = await vote(1, [{ value: 'x' }]);
    expect(await run(one)).toMatchObject({ output: [fulfilled('x')] });
    expect(compileWorkflow(one)).not.toHaveProperty('resources');
    const outcome = await run(await vote(1, [{ value: 'x', fail: 'A' }]));
    expect(outcome.error).toBe('GatherFailed');
    expect(JSON.parse(outcome.cause ?? '')).toEqual([
      { error: 'A', cause: 'because of "x"', name: '0', index: 0 },
    ]);
  });

  it('needs no table where all are needed: the first failure is that of the whole', async () => {
    const all = [
      { value: 0, after: 3 },
      { value: 1, after: 1 },
    ] as const;
    const flow = await vote(2, all);
    expect(compileWorkflow(flow)).not.toHaveProperty('resources');
    expect(await run(flow)).toMatchObject({
      output: [fulfilled(0), fulfilled(1)],
      transitions: 1 + 2,
    });
    expect(await run(await vote(2, [all[0], { ...all[1], fail: 'A' }]))).toMatchObject({
      error: 'GatherFailed',
      stopped: [0],
      seconds: 1,
    });
  });

  it('keeps null, false, 0, "", lists and strange texts in their slots', async () => {
    const values = [
      null,
      false,
      0,
      '',
      [],
      [1],
      {},
      "it's {% $x %} ${A}",
      '🎲 "quoted" \\',
      undefined,
    ];
    const slots = values.map((value) => ({ value }));
    const flow = await vote(values.length, [...slots, { after: 9 }]);
    expect((await run(flow)).output).toEqual([
      ...values.map((value) => fulfilled(value ?? null)),
      stopped('10', 10),
    ]);
  });

  it('keeps a value that is too long for a cause', async () => {
    const value = 'x'.repeat(100_000);
    const { output } = await run(await vote(1, [{ value }, { after: 9 }]));
    expect(output).toEqual([fulfilled(value), stopped('1', 1)]);
  });

  it('keeps a rejected branch beside a slow one', async () => {
    const flow = await vote(1, [
      { fail: 'A', value: 1 },
      { value: 2, after: 80 },
    ]);
    expect(await run(flow)).toMatchObject({
      output: [rejected('A', '0', 0, 'because of 1'), fulfilled(2)],
      seconds: 80,
    });
  });

  it('takes 200 branches; 300 are more than a document holds', async () => {
    const many = (length: number) =>
      vote(
        10,
        Array.from({ length }, (_, index) => ({ value: index, after: index })),
      );
    const { output, seconds } = await execute(deployed(await many(200)), { n: 0 });
    expect(seconds).toBe(9);
    expect(output).toEqual(
      Array.from({ length: 200 }, (_, index) =>
        index < 10 ? fulfilled(index) : stopped(String(index), index),
      ),
    );
    const tooMany = await many(300);
    expect(() => deployed(tooMany)).toThrow(/has \d+ bytes/);
  });

  it('runs branches of several steps, reads what stands around it, and is read by what follows', async () => {
    const flow = await workflow('vote', { input }, async ({ n }) => {
      const before = await act({ value: 'before' });
      const slots = await quorum(1, {
        slow: async () => {
          await sleep(90);
          return await act({ value: 'late' });
        },
        quick: async () => {
          await sleep(n as never);
          return when(lt(n, 9), act({ value: `${before} ${n}` }), 'none');
        },
      });
      const after = await act({ value: `${jsonata`${slots.quick}.value`}` });
      return { after, slow: slots.slow.status };
    });
    expect(await run(flow, { n: 3 })).toMatchObject({
      output: { after: 'before 3', slow: 'rejected' },
      seconds: 3,
    });
  });

  describe('with timeout', () => {
    const make = (k: number, after: number, fail?: string) =>
      vote(
        k,
        [
          { value: 1, after, ...(fail && { fail }) },
          { value: 2, after: 50 },
        ],
        { timeout: 10 },
      );

    it.each([1, 2])('fails at its deadline and stops the others: %i of 2', async (k) => {
      expect(await run(await make(k, 20))).toMatchObject({
        error: 'Gather.Deadline',
        seconds: 10,
        stopped: [1, 2],
      });
    });

    it('lets the quorum win that is met at the very moment', async () => {
      expect(await run(await make(1, 10))).toMatchObject({
        output: [fulfilled(1), stopped('1', 1)],
        seconds: 10,
      });
    });

    it('is over before, where k are out of reach or all are there', async () => {
      expect(await run(await make(2, 3, 'A'))).toMatchObject({ error: 'GatherFailed', seconds: 3 });
      const both = await vote(2, [{ value: 1 }, { value: 2 }], { timeout: 10 });
      expect(await run(both)).toMatchObject({ output: [fulfilled(1), fulfilled(2)], seconds: 0 });
    });
  });

  it('counts a branch as failed that is over its branchTimeout', async () => {
    const flow = await vote(
      1,
      [
        { value: 1, after: 40 },
        { value: 2, after: 8 },
      ],
      {
        branchTimeout: 9,
      },
    );
    expect(await run(flow)).toMatchObject({ output: [stopped('0', 0), fulfilled(2)], seconds: 8 });
    const late = await vote(
      1,
      [
        { value: 1, after: 40 },
        { value: 2, after: 80 },
      ],
      {
        branchTimeout: 9,
      },
    );
    expect(await run(late)).toMatchObject({ error: 'GatherFailed', seconds: 9 });
  });

  it('counts anew in every turn of a loop and for every item, here and in a Distributed Map', async () => {
    const of = (value: unknown) =>
      quorum(2, [act({ value }), act({ value, after: 1 }), act({ value, after: 9 })]);
    const slots = (value: unknown) => [fulfilled(value), fulfilled(value), stopped('2', 2)];
    const flow = await workflow('vote', { input }, async () => ({
      items: await each([1, 2, 3], (item) => of(item)),
      apart: await each([1, 2, 3], (item) => of(item), { distributed: true }),
      turns: await each(['a', 'b'], async (item) =>
        repeat({ start: item, most: 3 }, async (value) => {
          const counted = await of(value);
          return `${item}${counted[0].status}` as never;
        }),
      ),
    }));
    const outcome = await run(flow);
    expect(outcome).toMatchObject({
      output: {
        items: [1, 2, 3].map(slots),
        apart: [1, 2, 3].map(slots),
        turns: ['afulfilled', 'bfulfilled'],
      },
      seconds: 1 + 1 + 3,
    });
  });

  it('stands in itself and in a gather, each with a count of its own', async () => {
    const flow = await workflow('vote', { input }, async () =>
      gather({
        nested: quorum(1, [
          quorum(2, [act({ value: 1, after: 1 }), act({ value: 2, after: 5 }), act({ fail: 'A' })]),
          quorum(1, [act({ value: 3, after: 7 }), act({ fail: 'B' })]),
        ]),
        beside: quorum(1, [act({ value: 4, after: 9 }), act({ fail: 'C' })]),
      }),
    );
    expect(await run(flow)).toMatchObject({
      output: {
        nested: [fulfilled([fulfilled(1), fulfilled(2), rejected('A', '2', 2)]), stopped('1', 1)],
        beside: [fulfilled(4), rejected('C', '1', 1)],
      },
      stopped: [3],
      seconds: 9,
    });
  });

  it('counts once what it counts again because an answer was lost', async () => {
    const flow = await vote(3, [
      { value: 0, after: 1 },
      { value: 1, after: 2, fail: 'A' },
      { value: 2, after: 30 },
      { value: 3, after: 60 },
      { value: 4, after: 90 },
    ]);
    const document = documentOf(flow);
    const expected = [
      fulfilled(0),
      rejected('A', '1', 1),
      fulfilled(2),
      fulfilled(3),
      stopped('4', 4),
    ];
    // Every call by itself, and all of the first ones.
    for (const lost of [[0], [1], [2], [3], [4], [5], [0, 1], [0, 2, 4, 6, 8]]) {
      const losesAnswer = (call: number) => lost.includes(call);
      const { output } = await execute(document, { n: 0 }, { losesAnswer });
      expect(output).toEqual(expected);
    }
  });

  it('rejects a quorum that makes no sense, and options that it does not have', async () => {
    const steps = () => [act({}), act({})];
    const write = (make: () => unknown) => workflow('vote', { input }, async () => make() as never);
    await expect(write(() => quorum(3, steps()))).rejects.toThrow(
      'quorum is to wait for 3 of 2 branches. Write a whole number from 1 to 2: quorum(2, branches) is a majority.',
    );
    await expect(write(() => quorum(0, steps()))).rejects.toThrow('to wait for 0 of 2 branches');
    await expect(write(() => quorum(1.5, steps()))).rejects.toThrow('to wait for 1.5 of 2');
    await expect(write(() => quorum(1, []))).rejects.toThrow('quorum has no branches');
    await expect(
      write(() => quorum(1, steps(), { returnExceptions: true } as never)),
    ).rejects.toThrow("quorum(k, branches, options) has the unknown option 'returnExceptions'");
  });
});
