import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileWorkflow, each, gather, gt, jsonata, when, workflow } from '../../../lib/index.ts';
import { act, run } from './program.ts';

const input = z.object({ items: z.array(z.number()), word: z.string().default('w') });

describe('each with batch', () => {
  it.each([
    [7, [[1, 2, 3], [4, 5, 6], [7]]],
    [3, [[1, 2, 3]]],
    [1, [[1]]],
    [0, []],
  ])(
    'gives the body lists of at most that many, the last one the rest: %i',
    async (count, lists) => {
      const flow = await workflow('batches', { input }, async ({ items }) =>
        each(items, (batch) => act({ value: batch }), { batch: 3 }),
      );
      const items = Array.from({ length: count }, (_, at) => at + 1);
      expect(await run(flow, { items })).toMatchObject({
        output: lists,
        transitions: 1 + lists.length,
      });
    },
  );

  it('gives the results in the order of the batches, whichever ends first', async () => {
    const flow = await workflow('order', { input }, async ({ items }) =>
      each(items, (batch) => act({ value: batch, after: batch[0]! as never }), { batch: 2 }),
    );
    const outcome = await run(flow, { items: [5, 1, 1, 1, 3, 1] });
    expect(outcome.output).toEqual([
      [5, 1],
      [1, 1],
      [3, 1],
    ]);
    expect(outcome.ended).toEqual([
      [1, 1],
      [3, 1],
      [5, 1],
    ]);
  });

  it('closes a batch where the next item would make it longer than maxBytes', async () => {
    const flow = await workflow(
      'bytes',
      { input: z.object({ texts: z.array(z.string()) }) },
      ({ texts }) =>
        each(texts, (batch) => act({ value: batch }), { batch: { maxBytes: 200 } }).then(
          (all) => all,
        ),
    );
    const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
    const texts = [a, b, 'c'.repeat(300), 'd', 'e'];
    expect((await run(flow, { texts })).output).toEqual([[a, b], ['c'.repeat(300)], ['d', 'e']]);
  });

  it('passes what stands around it to every step of the body', async () => {
    const flow = await workflow('passes', { input }, async ({ items, word }) => {
      const before = await act({ value: { text: 'before', unread: 1 } });
      return each(
        items,
        async (batch) => {
          const first = await act({ value: `${word} ${before.text} ${batch}` });
          const both = await gather([act({ value: batch }), act({ value: word })]);
          return { first, both, last: batch[0] };
        },
        { batch: { maxItems: 2 } },
      );
    });
    expect((await run(flow, { items: [7, 8, 9], word: 'w' })).output).toEqual([
      { first: 'w before [7,8]', both: [[7, 8], 'w'], last: 7 },
      { first: 'w before [9]', both: [[9], 'w'], last: 9 },
    ]);
  });

  it('tells which batch was rejected', async () => {
    const flow = await workflow('rejects', { input }, async ({ items }) =>
      each(
        items,
        (batch) =>
          when(
            gt(jsonata<number>`$sum(${batch})`, 5),
            act({ fail: 'TooMuch', value: batch }),
            act({ value: batch }),
          ),
        { batch: 2, returnExceptions: true },
      ),
    );
    const reason = { error: 'TooMuch', cause: 'because of [4,5]', name: '1', index: 1 };
    expect((await run(flow, { items: [1, 2, 4, 5, 3] })).output).toEqual([
      { status: 'fulfilled', value: [1, 2] },
      { status: 'rejected', reason },
      { status: 'fulfilled', value: [3] },
    ]);
    expect((await run(flow, { items: [4, 5] })).output).toEqual([
      { status: 'rejected', reason: { ...reason, name: '0', index: 0 } },
    ]);
    expect((await run(flow, { items: [] })).output).toEqual([]);
  });

  it('counts batches, not items, where some are tolerated', async () => {
    const flow = await workflow('tolerates', { input }, async ({ items }) =>
      each(items, (batch) => when(gt(batch[0]!, 8), act({ fail: 'No' }), act({ value: 1 })), {
        batch: 2,
        tolerate: 1,
      }),
    );
    expect(await run(flow, { items: [9, 1, 2, 3] })).toMatchObject({ status: 'SUCCEEDED' });
    const failed = await run(flow, { items: [9, 1, 9, 3] });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'GatherFailed' });
    expect(JSON.parse(failed.cause ?? '')).toMatchObject([{ index: 0 }, { index: 1, name: '1' }]);
  });

  it('nests', async () => {
    const flow = await workflow('nests', { input }, async ({ items, word }) =>
      each(
        items,
        (batch) => each(batch, (item) => act({ value: `${word}${item}` }), { batch: 2 }),
        { batch: 3 },
      ),
    );
    expect((await run(flow, { items: [1, 2, 3, 4], word: 'w' })).output).toEqual([
      ['w[1,2]', 'w[3]'],
      ['w[4]'],
    ]);
  });

  it('takes a thousand items', async () => {
    const flow = await workflow('many', { input }, async ({ items }) =>
      each(items, (batch) => act({ value: jsonata`$count(${batch})` }), { batch: 64 }),
    );
    const items = Array.from({ length: 1000 }, (_, at) => at);
    const outcome = await run(flow, { items });
    expect(outcome.output).toEqual([...Array.from({ length: 15 }, () => 64), 40]);
    expect(outcome.transitions).toBe(17);
  });

  it.each([
    [{ batch: 0 }, 'each has the batch 0.'],
    [{ batch: {} }, 'each has the batch {}.'],
    [{ batch: { maxBytes: 300_000 } }, 'maxBytes up to 262144'],
    [{ batch: { maxItem: 3 } }, "unknown option 'maxItem'"],
    [{ batch: 2, distributed: false }, 'cannot have batches'],
  ])('rejects %j', async (options, message) => {
    const made = workflow('wrong', { input }, async ({ items }) =>
      each(items, (batch) => act({ value: batch }), options as never),
    );
    await expect(made).rejects.toThrow(message);
  });

  it('is the batcher of a Distributed Map', async () => {
    const flow = await workflow('seen', { input }, async ({ items, word }) =>
      each(items, (batch) => act({ value: [batch, word] }), {
        batch: { maxItems: 9, maxBytes: 99 },
      }),
    );
    const { definition, distributed } = compileWorkflow(flow);
    expect(distributed).toBe(true);
    expect(JSON.parse(definition).States.each).toMatchObject({
      ItemBatcher: {
        MaxItemsPerBatch: 9,
        MaxInputBytesPerBatch: 99,
        BatchInput: { input_word: '{% $states.context.Execution.Input.word %}' },
      },
      MaxConcurrency: 40,
    });
  });
});
