import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  gather,
  model,
  type Settled,
  type Symbolic,
  task,
  type Workflow,
  type WorkflowOutput,
  workflow,
} from '../../lib/index.ts';
import type { ModelResponse } from '../../lib/workflow/model.ts';

// These are checked by tsc; vitest runs them so that a throwing definition is seen too.

const ask = model({ model: 'openai:gpt-5-mini' });
const rate = model({ model: 'openai:gpt-5-mini', output: z.object({ stars: z.number() }) });
type Search = (input: { query: string; limit?: number }) => Promise<{ hits: string[] }>;
const search = task<Search>('functions/search.ts');
const input = z.object({ question: z.string(), depth: z.number().default(2) });

describe('types', () => {
  it('flow from a tuple to a tuple', async () => {
    const flow = await workflow('x', { input }, async ({ question }) => {
      const both = await gather([ask({ prompt: question }), rate({ prompt: question })]);
      expectTypeOf(both[0]).toEqualTypeOf<Symbolic<string>>();
      expectTypeOf(both[1].stars).toEqualTypeOf<Symbolic<number>>();
      // @ts-expect-error no such property
      const none = () => both[1].starz;
      return { both, none: void none };
    });
    expectTypeOf<WorkflowOutput<typeof flow>['both']>().toEqualTypeOf<
      [string, { stars: number }]
    >();
  });

  it('flow from a record to a record, nested', async () => {
    const flow = await workflow('x', { input }, async ({ question }) =>
      gather({
        text: ask({ prompt: question }),
        inner: gather([rate({ prompt: question })]),
        several: async () => {
          const { hits } = await search({ query: question });
          return { first: hits[0], fixed: 1 };
        },
      }),
    );
    expectTypeOf<WorkflowOutput<typeof flow>>().toEqualTypeOf<{
      text: string;
      inner: [{ stars: number }];
      several: { first: string | undefined; fixed: number };
    }>();
  });

  it('flow through returnExceptions', async () => {
    const flow = await workflow('x', { input }, async ({ question }) => {
      const settled = await gather({ a: rate({ prompt: question }) }, { returnExceptions: true });
      expectTypeOf(settled.a.value.stars).toEqualTypeOf<Symbolic<number>>();
      expectTypeOf(settled.a.reason.error).toEqualTypeOf<Symbolic<string>>();
      // @ts-expect-error the value is inside its slot
      const direct = () => settled.a.stars;
      return { settled, direct: void direct };
    });
    expectTypeOf<WorkflowOutput<typeof flow>['settled']>().toEqualTypeOf<{
      a: Settled<{ stars: number }>;
    }>();
  });

  it('come from the input schema, defaults optional outside and present inside', async () => {
    const flow = await workflow('x', { input }, async ({ depth }) => {
      expectTypeOf(depth).toEqualTypeOf<Symbolic<number>>();
      return { depth };
    });
    expectTypeOf(flow).toEqualTypeOf<
      Workflow<{ question: string; depth?: number | undefined }, { depth: number }>
    >();
  });

  it('come from a handler, and refuse what it does not take', async () => {
    await workflow('x', { input }, async ({ question, depth }) => {
      // @ts-expect-error the handler wants a query
      const missing = () => search({});
      // @ts-expect-error the query is a string
      const wrong = () => search({ query: depth });
      const right = await search({ query: question, limit: depth });
      expectTypeOf(right.hits).toEqualTypeOf<Symbolic<string[]>>();
      return { right, missing: void missing, wrong: void wrong };
    });
  });

  it('make a comparison of a symbolic value with a primitive an error', async () => {
    await workflow('x', { input }, async ({ question, depth }) => {
      // @ts-expect-error TS2367: the types have no overlap
      const same = () => question === 'a';
      // @ts-expect-error an operand must be a number
      const product = () => depth * 2;
      // @ts-expect-error operator '<' cannot be applied
      const less = () => depth < 2;
      // @ts-expect-error not callable
      const call = () => question.toUpperCase();
      return { same: void same, product: void product, less: void less, call: void call };
    });
  });

  it('give the whole response with withResponse', async () => {
    const flow = await workflow('x', { input }, async ({ question }) =>
      rate({ prompt: question }).withResponse(),
    );
    expectTypeOf<WorkflowOutput<typeof flow>>().toEqualTypeOf<ModelResponse<{ stars: number }>>();
  });
});
