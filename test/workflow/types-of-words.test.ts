import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  any,
  call,
  each,
  eq,
  type Failure,
  fail,
  fromS3,
  gather,
  gt,
  jsonata,
  model,
  quorum,
  race,
  repeat,
  type S3Results,
  type Settled,
  type Symbolic,
  sleep,
  task,
  toS3,
  type WorkflowOutput,
  when,
  workflow,
} from '../../lib/index.ts';

// These are checked by tsc; vitest runs them so that a throwing definition is seen too.

const ask = model({ model: 'openai:gpt-5-mini' });
const rate = model({ model: 'openai:gpt-5-mini', output: z.object({ stars: z.number() }) });
type Search = (input: { query: string; limit?: number }) => Promise<{ hits: string[] }>;
const search = task<Search>('functions/search.ts');
const input = z.object({ question: z.string(), depth: z.number(), tags: z.array(z.string()) });

describe('types of the words', () => {
  it('when gives what either case gives, null without an otherwise', async () => {
    const flow = await workflow('x', { input }, async ({ question, depth }) => ({
      either: await when(gt(depth, 2), ask({ prompt: question }), async () => {
        const { hits } = await search({ query: question });
        return { hits };
      }),
      maybe: await when(eq(question, 'a'), rate({ prompt: question })),
    }));
    expectTypeOf<WorkflowOutput<typeof flow>>().toEqualTypeOf<{
      either: string | { hits: string[] };
      maybe: { stars: number } | null;
    }>();
  });

  it('conditions compare what can be compared', async () => {
    await workflow('x', { input }, async ({ question, depth }) => {
      // @ts-expect-error a text is no number
      const wrong = () => eq(question, 1);
      // @ts-expect-error a condition is no number
      const order = () => gt(eq(question, 'a'), 1);
      // @ts-expect-error a number is no condition
      const cond = () => when(depth, ask({ prompt: 'x' }));
      await ask({ prompt: question });
      return { wrong: void wrong, order: void order, cond: void cond };
    });
  });

  it('catch gives what the step or the handler gives, and tells the failure', async () => {
    const flow = await workflow('x', { input }, async ({ question }) =>
      rate({ prompt: question })
        .catch('Model.Refused', (failure) => {
          expectTypeOf(failure).toEqualTypeOf<Symbolic<Failure>>();
          return { refused: failure.cause };
        })
        .catch(() => null),
    );
    expectTypeOf<WorkflowOutput<typeof flow>>().toEqualTypeOf<
      { stars: number } | { refused: string } | null
    >();
  });

  it('fail gives nothing', async () => {
    const flow = await workflow('x', { input }, async ({ question, depth }) =>
      when(gt(depth, 2), ask({ prompt: question }), fail('Shallow')),
    );
    expectTypeOf<WorkflowOutput<typeof flow>>().toEqualTypeOf<string>();
  });

  it('repeat passes the value of its start on, and gives that of its turns', async () => {
    const flow = await workflow('x', { input }, async ({ question }) =>
      repeat(
        { start: { text: question, stars: 0 }, most: 3, until: ({ stars }) => gt(stars, 4) },
        async ({ text }, turn) => {
          expectTypeOf(text).toEqualTypeOf<Symbolic<string>>();
          expectTypeOf(turn).toEqualTypeOf<Symbolic<number>>();
          const { stars } = await rate({ prompt: text });
          return { text, stars };
        },
      ),
    );
    expectTypeOf<WorkflowOutput<typeof flow>>().toEqualTypeOf<{ text: string; stars: number }>();
  });

  it('each takes the type of its items and gives a list', async () => {
    const flow = await workflow('x', { input }, async ({ tags }) => ({
      plain: await each(tags, (tag, index) => {
        expectTypeOf(tag).toEqualTypeOf<Symbolic<string>>();
        expectTypeOf(index).toEqualTypeOf<Symbolic<number>>();
        return rate({ prompt: tag });
      }),
      settled: await each(tags, async (tag) => search({ query: tag }), { tolerate: 1 }),
      // @ts-expect-error the item is a text
      wrong: void (() => each(tags, (tag) => search({ query: 'x', limit: tag }))),
    }));
    type Out = WorkflowOutput<typeof flow>;
    expectTypeOf<Out['plain']>().toEqualTypeOf<{ stars: number }[]>();
    expectTypeOf<Out['settled']>().toEqualTypeOf<Settled<{ hits: string[] }>[]>();
  });

  it('each takes its items from S3, in batches, and tells where its results are', async () => {
    const bucket = 'tickets';
    const flow = await workflow('x', { input }, async ({ tags }) => {
      const ticket = z.object({ id: z.string(), stars: z.number() });
      const typed = fromS3({ bucket, key: 'a.jsonl', format: 'jsonl', item: ticket });
      const columns = fromS3({ bucket, key: 'a.csv', format: 'csv', headers: ['id', 'text'] });
      const written = await each(tags, (tag) => search({ query: tag }), {
        writeTo: toS3({ bucket }),
      });
      const settled = await each(tags, (tag) => search({ query: tag }), {
        writeTo: toS3({ bucket }),
        returnExceptions: true,
      });
      const tolerant = await each(tags, (tag) => search({ query: tag }), {
        writeTo: toS3({ bucket }),
        tolerate: '5%',
      });
      return {
        written,
        settled,
        tolerant,
        batched: await each(
          typed,
          (batch, index) => {
            expectTypeOf(batch).toEqualTypeOf<Symbolic<readonly { id: string; stars: number }[]>>();
            expectTypeOf(index).toEqualTypeOf<undefined>();
            return rate({ prompt: `${batch}` });
          },
          { batch: { maxItems: 2 } },
        ),
        columns: await each(columns, (row) => {
          expectTypeOf(row.text).toEqualTypeOf<Symbolic<string>>();
          // @ts-expect-error there is no such column
          void row.stars;
          return rate({ prompt: row.id });
        }),
        listed: await each(fromS3({ bucket, prefix: 'in/' }), (object) => {
          expectTypeOf(object.Size).toEqualTypeOf<Symbolic<number>>();
          return rate({ prompt: object.Key });
        }),
        read: await each(fromS3(settled), (slot) => {
          expectTypeOf(slot).toEqualTypeOf<Symbolic<Settled<{ hits: string[] }>>>();
          return rate({ prompt: `${slot}` });
        }),
      };
    });
    type Out = WorkflowOutput<typeof flow>;
    expectTypeOf<Out['written']>().toEqualTypeOf<S3Results<{ hits: string[] }>>();
    expectTypeOf<Out['tolerant']>().toEqualTypeOf<S3Results<{ hits: string[] }>>();
    expectTypeOf<Out['settled']>().toEqualTypeOf<S3Results<Settled<{ hits: string[] }>>>();
    expectTypeOf<Out['batched']>().toEqualTypeOf<{ stars: number }[]>();
  });

  it('call takes the input of the workflow and gives its output, in place or by itself', async () => {
    const inner = await workflow('inner', { input }, async ({ question }) => ({
      text: await ask({ prompt: question }),
    }));
    const given = { question: 'q', depth: 1, tags: [] };
    const flow = await workflow('x', { input }, async ({ question }) => ({
      inPlace: await call(inner, { ...given, question }),
      own: await call(inner, { ...given, question }, { execution: 'own' }).timeout('1 hour'),
      named: await call<number>('inner', given, { execution: 'own' }),
      // @ts-expect-error the depth is a number
      wrong: void (() => call(inner, { ...given, depth: 'deep' }, { execution: 'own' })),
      // @ts-expect-error a call in place has no time limit of its own
      limit: void (() => call(inner, given).timeout(3)),
    }));
    type Out = WorkflowOutput<typeof flow>;
    expectTypeOf<Out['inPlace']>().toEqualTypeOf<{ text: string }>();
    expectTypeOf<Out['own']>().toEqualTypeOf<{ text: string }>();
    expectTypeOf<Out['named']>().toEqualTypeOf<number>();
  });

  it('any and race tell which branch won', async () => {
    const flow = await workflow('x', { input }, async ({ question }) => ({
      any: await any({ text: ask({ prompt: question }), rated: rate({ prompt: question }) }),
      race: await race([ask({ prompt: question }), ask({ prompt: question })]),
    }));
    type Out = WorkflowOutput<typeof flow>;
    expectTypeOf<Out['any']['name']>().toEqualTypeOf<'text' | 'rated'>();
    expectTypeOf<Extract<Out['any'], { name: 'rated' }>['value']>().toEqualTypeOf<{
      stars: number;
    }>();
    expectTypeOf<Out['race']['value']>().toEqualTypeOf<string>();
    expectTypeOf<Out['race']['name']>().toEqualTypeOf<string>();
  });

  it('tolerate makes slots, other options do not', async () => {
    const flow = await workflow('x', { input }, async ({ question }) => ({
      slots: await gather([ask({ prompt: question })], { tolerate: 0 }),
      plain: await gather([ask({ prompt: question })], { timeout: '1 minute', concurrency: 2 }),
    }));
    type Out = WorkflowOutput<typeof flow>;
    expectTypeOf<Out['slots']>().toEqualTypeOf<[Settled<string>]>();
    expectTypeOf<Out['plain']>().toEqualTypeOf<[string]>();
  });

  it('jsonata and sleep give what they say', async () => {
    const flow = await workflow('x', { input }, async ({ tags, depth }) => {
      const slept = await sleep(depth);
      // @ts-expect-error a text is no duration, unless it is fixed
      const wrong = () => sleep(tags[0]);
      return { count: jsonata<number>`$count(${tags})`, slept, wrong: void wrong };
    });
    type Out = WorkflowOutput<typeof flow>;
    expectTypeOf<Out['count']>().toEqualTypeOf<number>();
    expectTypeOf<Out['slept']>().toEqualTypeOf<null>();
  });

  it('quorum gives a slot for each branch, of a tuple, a record and a list', async () => {
    const flow = await workflow('x', { input }, async ({ question }) => ({
      tuple: await quorum(1, [ask({ prompt: question }), rate({ prompt: question })]),
      record: await quorum(1, { a: ask({ prompt: question }), b: search({ query: question }) }),
      list: await quorum(1, Array.of(ask({ prompt: 'a' }), ask({ prompt: 'b' }))),
    }));
    expectTypeOf<WorkflowOutput<typeof flow>>().toEqualTypeOf<{
      tuple: [Settled<string>, Settled<{ stars: number }>];
      record: { a: Settled<string>; b: Settled<{ hits: string[] }> };
      list: Settled<string>[];
    }>();
    // @ts-expect-error how many is said first
    const wrong = () => quorum([ask({ prompt: 'a' })]);
    // @ts-expect-error the slots always say how their branches ended
    const option = () => quorum(1, [ask({ prompt: 'a' })], { returnExceptions: true });
    void [wrong, option];
  });
});
