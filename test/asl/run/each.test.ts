import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  compileWorkflow,
  each,
  gather,
  gt,
  jsonata,
  repeat,
  when,
  workflow,
} from '../../../lib/index.ts';
import { act, documentOf, run } from './program.ts';

const input = z.object({ items: z.array(z.number()), word: z.string().default('w') });
const modes = [
  ['inline', {}],
  ['distributed', { distributed: true }],
] as const;

describe.each(modes)('each, %s', (mode, options) => {
  it.each([[[3, 1, 2]], [[1, 2, 3]], [[2]], [[]]])(
    'gives a slot per item, in order: %j',
    async (items) => {
      const flow = await workflow('order', { input }, async (given) => ({
        doubled: await each(
          given.items,
          (item) => act({ value: jsonata`${item} * 2`, after: item as never }),
          options,
        ),
      }));
      expect(await run(flow, { items })).toMatchObject({
        output: { doubled: items.map((item) => item * 2) },
        seconds: Math.max(0, ...items),
        transitions: 1 + items.length,
      });
    },
  );

  it('passes the index, and what stands around it, to every step of the body', async () => {
    const flow = await workflow('passes', { input }, async ({ items, word }) => {
      const before = await act({ value: { text: 'before', unread: 1 } });
      return each(
        items,
        async (item, index) => {
          const first = await act({ value: `${index}:${item}` });
          const second = await act({ value: `${first} ${before.text}` });
          const both = await gather([
            act({ value: `${second} ${word}` }),
            async () => {
              await act({ value: 'x' });
              return await act({ value: [item, index, before.text, word] });
            },
          ]);
          return { both, item };
        },
        options,
      );
    });
    expect((await run(flow, { items: [7, 8], word: 'w' })).output).toEqual([
      { both: ['0:7 before w', [7, 0, 'before', 'w']], item: 7 },
      { both: ['1:8 before w', [8, 1, 'before', 'w']], item: 8 },
    ]);
  });

  it.each<[string, (item: never, index: never) => unknown]>([
    ['a gather', (item) => gather([act({ value: item }), gather([act({ value: item })])])],
    [
      'a gather under a deadline',
      (item) => gather([act({ value: item }), gather([act({ value: item })])], { timeout: 5 }),
    ],
    [
      'a narrow gather',
      (item) => gather([act({ value: item }), gather([act({ value: item })])], { concurrency: 1 }),
    ],
    [
      'an each',
      (item) =>
        each([0, 1], (_, index) =>
          when(gt(index, 0), gather([act({ value: item })]), act({ value: item })),
        ).catch(() => 'never'),
    ],
    [
      'a when',
      (item) => when(gt(item, 0), gather([act({ value: item }), gather([act({ value: item })])])),
    ],
    [
      'a repeat',
      (item) =>
        repeat({ start: item, most: 1 }, (value) =>
          gather([act({ value }), gather([act({ value: item })])]),
        ),
    ],
    [
      'a catch',
      (item) =>
        act({ fail: 'A' }).catch(() =>
          gather([act({ value: item }), gather([act({ value: item })])]),
        ),
    ],
  ])('reads the item where the body begins with %s', async (_name, body) => {
    const flow = await workflow('begins', { input }, async ({ items }) =>
      each(items, body as never, options),
    );
    const outcome = await run(flow, { items: [5, 6] });
    expect(outcome.output).toEqual(
      _name === 'an each'
        ? [
            [5, [5]],
            [6, [6]],
          ]
        : [
            [5, [5]],
            [6, [6]],
          ],
    );
  });

  it('settles every slot with returnExceptions', async () => {
    const flow = await workflow('settles', { input }, async ({ items }) =>
      each(
        items,
        (item) => when(gt(item, 1), act({ value: item, fail: 'Big' }), act({ value: item })),
        { ...options, returnExceptions: true },
      ),
    );
    expect((await run(flow, { items: [1, 2, 1] })).output).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: { error: 'Big', cause: 'because of 2', name: '1', index: 1 } },
      { status: 'fulfilled', value: 1 },
    ]);
  });

  it('counts with tolerate', async () => {
    const flow = await workflow('tolerates', { input }, async ({ items }) =>
      each(
        items,
        (item) => when(gt(item, 1), act({ value: item, fail: 'Big' }), act({ value: item })),
        {
          ...options,
          tolerate: '50%',
        },
      ),
    );
    expect(await run(flow, { items: [1, 2] })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await run(flow, { items: [] })).toMatchObject({ output: [] });
    const lost = await run(flow, { items: [2, 1, 2] });
    expect(lost).toMatchObject({ error: 'GatherFailed' });
    expect(JSON.parse(lost.cause ?? '')).toMatchObject([{ index: 0 }, { index: 2, error: 'Big' }]);
  });

  it('fails with the first failure and stops the others', async () => {
    const flow = await workflow('fails', { input }, async ({ items }) =>
      each(
        items,
        (item) =>
          when(
            gt(item, 2),
            act({ value: item, after: 1, fail: 'Big' }),
            act({ value: item, after: 9 }),
          ),
        options,
      ),
    );
    expect(await run(flow, { items: [1, 3, 2] })).toMatchObject({
      status: 'FAILED',
      error: mode === 'inline' ? 'Big' : 'States.ExceedToleratedFailureThreshold',
      stopped: [1, 2],
      seconds: 1,
    });
  });

  it('runs no more at once than its concurrency', async () => {
    const flow = await workflow('narrow', { input }, async ({ items }) =>
      each(items, (item) => act({ value: item, after: item as never }), {
        ...options,
        concurrency: 2,
      }),
    );
    expect(await run(flow, { items: [3, 1, 1, 1] })).toMatchObject({
      output: [3, 1, 1, 1],
      seconds: 3,
    });
  });

  it('keeps null, false and lists in their slots, and takes lists of lists', async () => {
    const items = [null, false, 0, '', [], [[]], [1], { a: [] }];
    const flow = await workflow(
      'slots',
      { input: z.object({ items: z.array(z.any()) }) },
      async (given) => each(given.items, (item) => act({ value: item }), options),
    );
    expect((await run(flow, { items })).output).toEqual(items);
    expect((await run(flow, { items: [[1]] })).output).toEqual([[1]]);
  });

  it('takes 1,000 items', async () => {
    const flow = await workflow('many', { input }, async ({ items }) =>
      each(items, (item) => act({ value: item }), { ...options }),
    );
    const items = Array.from({ length: 1000 }, (_, index) => index);
    expect(await run(flow, { items })).toMatchObject({ output: items, transitions: 1001 });
  });
});

describe('each', () => {
  it('gives each item as the input of its iteration, with no state in front', async () => {
    const flow = await workflow('document', { input }, async ({ items }) =>
      each(items, (item) => act({ value: item }).named('look'), { concurrency: 5 }),
    );
    const { States } = JSON.parse(documentOf(flow));
    expect(States.each).toMatchObject({
      Type: 'Map',
      Items: '{% $states.context.Execution.Input.items %}',
      MaxConcurrency: 5,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'look',
        States: { look: { Arguments: { input: { value: '{% $states.input %}' } } } },
      },
    });
    expect(States.each.ItemSelector).toBeUndefined();
  });

  it('passes only what a distributed body reads', async () => {
    const flow = await workflow('document', { input }, async ({ items, word }) => {
      const before = await act({ value: { a: 1, b: 2 } }).named('before');
      return each(items, (item) => act({ value: [item, before.a, word] }), { concurrency: 100 });
    });
    const { States } = JSON.parse(documentOf(flow));
    expect(States.each.ItemSelector).toEqual({
      item: '{% $states.context.Map.Item.Value %}',
      before_a: '{% $before_a %}',
      run: '{% $states.context.Execution.Name %}',
      share: '{% $floor(196608 / $count($states.context.Execution.Input.items)) %}',
      input_word: '{% $states.context.Execution.Input.word %}',
    });
    expect(States.each.ItemProcessor.ProcessorConfig).toEqual({
      Mode: 'DISTRIBUTED',
      ExecutionType: 'STANDARD',
    });
    expect(States.each.MaxConcurrency).toBe(100);
  });

  it('says that the document needs a Distributed Map, where it does', async () => {
    const make = (options: object) =>
      workflow('says', { input }, async ({ items }) =>
        gather([each(items, (item) => act({ value: item }), options)]),
      );
    expect(compileWorkflow(await make({ concurrency: 41 })).distributed).toBe(true);
    expect(compileWorkflow(await make({}))).not.toHaveProperty('distributed');
  });

  it('takes a fixed list, a computed one, and a list of what a run knows', async () => {
    const flow = await workflow('lists', { input }, async ({ items }) => ({
      fixed: await each([1, 2], (item) => act({ value: item })),
      range: await each(jsonata<number[]>`[1..3]`, (item) => act({ value: item })),
      none: await each([], (item) => act({ value: item })),
      computed: await each(jsonata<number[]>`${items}[$ > 2]`, (item) => act({ value: item })),
      mixed: await each([items, [9]], (item) => act({ value: item })),
    }));
    expect((await run(flow, { items: [1, 2, 3] })).output).toEqual({
      fixed: [1, 2],
      range: [1, 2, 3],
      none: [],
      computed: [3],
      mixed: [[1, 2, 3], [9]],
    });
    expect((await run(flow, { items: [1] })).output).toMatchObject({ computed: [] });
  });

  it('nests, distributed in inline and inline in distributed', async () => {
    const nested = (outer: object, inner: object) =>
      workflow('nests', { input }, async ({ items, word }) =>
        each(
          items,
          async (item, i) =>
            each(
              [10, 20],
              async (other, j) => act({ value: `${word}${i}${j} ${item} ${other}` }),
              inner,
            ),
          outer,
        ),
      );
    for (const [outer, inner] of [
      [{}, { distributed: true }],
      [{ distributed: true }, {}],
      [{ distributed: true }, { distributed: true }],
      [{}, {}],
    ] as const) {
      expect((await run(await nested(outer, inner), { items: [1, 2], word: 'w' })).output).toEqual([
        ['w00 1 10', 'w01 1 20'],
        ['w10 2 10', 'w11 2 20'],
      ]);
    }
  });

  it('fails where the items are no list', async () => {
    const flow = await workflow(
      'none',
      { input: z.object({ items: z.any() }) },
      async ({ items }) => each(items, (item) => act({ value: item })),
    );
    expect(await run(flow, { items: { a: 1 } })).toMatchObject({ status: 'FAILED' });
  });

  it.each<[unknown[], RegExp]>([
    [[1, () => 1], /each takes a list and a function, and got a number/],
    [[[1], 1], /and got a object and a number/],
    [[[1], () => 1], /awaits nothing/],
    [[[1], () => act({}), { concurrency: 0 }], /from 1 to 10000/],
    [[[1], () => act({}), { concurrency: 41, distributed: false }], /from 1 to 40/],
    [[[1], () => act({}), { parallel: 1 }], /unknown option 'parallel'/],
  ])('rejects each(...%j)', async (args, message) => {
    const flow = workflow('bad', { input }, async () =>
      (each as (...args: unknown[]) => PromiseLike<unknown>)(...args),
    );
    await expect(flow).rejects.toThrow(message);
  });
});
