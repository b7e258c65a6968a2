import fc from 'fast-check';

/** A program as plain data: what fast-check makes and shrinks. */
export type Statement =
  | { readonly word: 'act'; readonly data: Data; readonly ms: number; readonly fail?: string }
  /** As `act`, in an execution of its own. */
  | { readonly word: 'own'; readonly data: Data; readonly ms: number; readonly fail?: string }
  | { readonly word: 'sleep'; readonly seconds: number }
  | { readonly word: 'fail'; readonly error: string; readonly on: Test }
  | {
      readonly word: 'gather';
      readonly branches: readonly Block[];
      readonly record: boolean;
      readonly options: object;
    }
  | { readonly word: 'any' | 'race'; readonly branches: readonly Block[]; readonly options: object }
  | {
      readonly word: 'quorum';
      readonly k: number;
      readonly branches: readonly Block[];
      readonly record: boolean;
      readonly options: object;
    }
  | {
      readonly word: 'each';
      readonly items: Data[];
      readonly body: Block;
      readonly options: object;
    }
  | { readonly word: 'call'; readonly data: Data; readonly body: Block }
  | { readonly word: 'when'; readonly test: Test; readonly then: Block; readonly otherwise: Block }
  | {
      readonly word: 'repeat';
      readonly start: Data;
      readonly most: number;
      readonly body: Block;
      readonly test: Test;
    }
  | {
      readonly word: 'catch';
      readonly body: Statement;
      readonly errors: string[] | null;
      readonly handler: Block;
    };

/** Statements one after the other; the value is that of `gives`. */
export interface Block {
  readonly statements: readonly Statement[];
  readonly gives: Data;
}

/** A fixed value, or one of the values that are known there, counted back from the last. */
export type Data =
  | { readonly fixed: unknown }
  | { readonly back: number }
  | { readonly text: readonly [string, number] }
  | { readonly list: readonly Data[] }
  | { readonly field: Data };

export interface Test {
  readonly operator: 'eq' | 'ne' | 'gte' | 'lt';
  readonly data: Data;
  readonly fixed: number;
}

const errors = ['Red', 'Green', 'Blue'] as const;
const fixed = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(
    null,
    true,
    false,
    '',
    'text',
    "it's {% $x %}",
    '${A}',
    [],
    [[]],
    [1],
    [['a'], []],
    {},
    { a: { b: [1] } },
  ),
);

const { block } = fc.letrec<{
  data: Data;
  test: Test;
  statement: Statement;
  block: Block;
  started: Block;
}>((tie) => ({
  data: fc.oneof(
    { maxDepth: 2 },
    fixed.map((value) => ({ fixed: value })),
    fc.nat(4).map((back) => ({ back })),
    fc.tuple(fc.constantFrom('', 'a ', "'{%"), fc.nat(3)).map((text) => ({ text })),
    fc.array(tie('data'), { maxLength: 2 }).map((list) => ({ list })),
    tie('data').map((field) => ({ field })),
  ),
  test: fc.record({
    operator: fc.constantFrom('eq', 'ne'),
    data: tie('data'),
    fixed: fc.integer({ min: -2, max: 2 }),
  }),
  statement: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 5, arbitrary: actOf(tie('data')) },
    { weight: 1, arbitrary: actOf(tie('data'), 'own') },
    {
      weight: 1,
      arbitrary: fc.record({
        word: fc.constant('sleep' as const),
        seconds: fc.integer({ min: 1, max: 90 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        word: fc.constant('fail' as const),
        error: fc.constantFrom(...errors),
        on: tie('test'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        word: fc.constant('gather' as const),
        branches: fc.array(tie('started'), { maxLength: 4 }),
        record: fc.boolean(),
        options: fc.record(
          {
            returnExceptions: fc.boolean(),
            tolerate: fc.constantFrom(0, 1, '50%'),
            concurrency: fc.integer({ min: 1, max: 3 }),
            timeout: fc.integer({ min: 1, max: 60 }),
            branchTimeout: fc.integer({ min: 1, max: 60 }),
          },
          { requiredKeys: [] },
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        word: fc.constantFrom('any' as const, 'race' as const),
        branches: fc.array(tie('started'), { minLength: 1, maxLength: 3 }),
        options: fc.record({ timeout: fc.integer({ min: 1, max: 60 }) }, { requiredKeys: [] }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        word: fc.constant('quorum' as const),
        k: fc.nat(3),
        branches: fc.array(tie('started'), { minLength: 1, maxLength: 4 }),
        record: fc.boolean(),
        options: fc.record(
          {
            timeout: fc.integer({ min: 1, max: 60 }),
            branchTimeout: fc.integer({ min: 1, max: 60 }),
          },
          { requiredKeys: [] },
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        word: fc.constant('each' as const),
        items: fc.array(tie('data'), { maxLength: 3 }),
        body: tie('started'),
        options: fc.record(
          {
            returnExceptions: fc.boolean(),
            tolerate: fc.constantFrom(0, 1, '50%'),
            concurrency: fc.integer({ min: 1, max: 3 }),
            distributed: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        word: fc.constant('call' as const),
        data: tie('data'),
        body: tie('block'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        word: fc.constant('when' as const),
        test: tie('test'),
        then: tie('block'),
        otherwise: tie('block'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        word: fc.constant('repeat' as const),
        start: tie('data'),
        most: fc.integer({ min: 1, max: 3 }),
        body: tie('started'),
        test: tie('test'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        word: fc.constant('catch' as const),
        body: tie('statement').filter(({ word }) => word !== 'fail'),
        errors: fc.option(fc.subarray([...errors], { minLength: 1 })),
        handler: tie('block'),
      }),
    },
  ),
  block: fc.record({
    statements: fc.array(tie('statement'), { maxLength: 3 }),
    gives: tie('data'),
  }),
  // A branch has to await something; with a latency of its own, so that no two are done at once.
  started: fc
    .record({
      first: actOf(tie('data')),
      rest: fc.array(tie('statement'), { maxLength: 2 }),
      gives: tie('data'),
    })
    .map(({ first, rest, gives }) => ({ statements: [first, ...rest], gives })),
})) as { block: fc.Arbitrary<Block> };

function actOf(data: fc.Arbitrary<Data>, word: 'act' | 'own' = 'act'): fc.Arbitrary<Statement> {
  return fc.record(
    {
      word: fc.constant(word),
      data,
      ms: fc.integer({ min: 1, max: 45_000 }),
      fail: fc.constantFrom(...errors),
    },
    { requiredKeys: ['word', 'data', 'ms'] },
  ) as fc.Arbitrary<Statement>;
}

export { block as program };
