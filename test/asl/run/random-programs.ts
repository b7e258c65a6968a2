import fc from 'fast-check';
import { z } from 'zod';
import {
  any,
  call,
  each,
  eq,
  fail,
  gather,
  gte,
  lt,
  ne,
  quorum,
  race,
  repeat,
  sleep,
  type Workflow,
  when,
  workflow,
} from '../../../lib/index.ts';
import { act } from './program.ts';

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

/** What 'own' starts: the tests' only function, with its input. */
const acting = await workflow('acting', { input: z.any() as Loose }, (input) =>
  act(input as Loose).then((value) => value),
);

/** The program as a workflow, written with the language's own words. */
export async function workflowOf(program: Block): Promise<Workflow> {
  // A workflow that calls another one is written below it: so the innermost come first.
  for (const { word, body } of callsIn(program)) {
    const input = z.object({ given: z.any() });
    const inner = await workflow(word, { input }, ({ given }) => runBlock(body, [given]));
    flows.set(body, inner as Workflow);
  }
  return workflow('program', { input: z.object({ n: z.number() }) }, ({ n }) =>
    runBlock(program, [n]),
  ) as Promise<Workflow>;
}

const flows = new WeakMap<Block, Workflow>();

function* callsIn(part: unknown): Generator<Extract<Statement, { word: 'call' }>> {
  if (typeof part !== 'object' || part === null) return;
  for (const inner of Object.values(part)) yield* callsIn(inner);
  if ('word' in part && part.word === 'call') yield part as Extract<Statement, { word: 'call' }>;
}

async function runBlock({ statements, gives }: Block, known: readonly unknown[]): Promise<unknown> {
  const values = [...known];
  for (const statement of statements) values.push(await step(statement, values));
  return { it: dataOf(gives, values) };
}

// biome-ignore lint/suspicious/noExplicitAny: the words are typed for programs that people write.
type Loose = any;

function step(statement: Statement, values: readonly unknown[]): Loose {
  const inner = (block: Block, ...more: unknown[]) => runBlock(block, [...values, ...more]);
  switch (statement.word) {
    case 'act': {
      const { ms, fail: error } = statement;
      return act({ value: dataOf(statement.data, values), after: ms / 1000, fail: error });
    }
    case 'own': {
      const { data, ms, fail: error } = statement;
      const input = { value: dataOf(data, values), after: ms / 1000, fail: error };
      return call(acting, input as Loose, { execution: 'own' });
    }
    case 'sleep':
      return sleep(statement.seconds);
    case 'fail':
      return when(
        testOf(statement.on, values),
        fail(statement.error, `on ${values.length}`),
        'passed',
      );
    case 'gather': {
      const branches = statement.branches.map((block) => () => inner(block));
      const named = Object.fromEntries(branches.map((branch, index) => [`b${index}`, branch]));
      return (gather as Loose)(statement.record ? named : branches, statement.options);
    }
    case 'quorum': {
      const { k, record, options } = statement;
      const branches = statement.branches.map((block) => () => inner(block));
      const named = Object.fromEntries(branches.map((branch, index) => [`b${index}`, branch]));
      const needed = 1 + (k % branches.length);
      return (quorum as Loose)(needed, record ? named : branches, options);
    }
    case 'any':
    case 'race': {
      const word = statement.word === 'any' ? any : race;
      return (word as Loose)(
        statement.branches.map((block) => () => inner(block)),
        statement.options,
      );
    }
    case 'each':
      return (each as Loose)(
        statement.items.map((item) => dataOf(item, values)),
        (item: unknown, index: unknown) => inner(statement.body, item, index),
        statement.options,
      );
    case 'call':
      return (call as Loose)(flows.get(statement.body), { given: dataOf(statement.data, values) });
    case 'when':
      return when(
        testOf(statement.test, values),
        () => inner(statement.then),
        () => inner(statement.otherwise),
      );
    case 'repeat':
      return (repeat as Loose)(
        {
          start: dataOf(statement.start, values),
          most: statement.most,
          until: (value: Loose) => testOf(statement.test, [...values, value]),
        },
        (value: unknown, turn: unknown) => inner(statement.body, value, turn),
      );
    case 'catch': {
      const handler = (failure: Loose) =>
        inner(statement.handler, failure.error, `${failure.cause}`.slice(0));
      const guarded = step(statement.body, values);
      // A name of the execution's own cannot be caught, and is refused.
      return statement.errors && statement.body.word !== 'own'
        ? guarded.catch(statement.errors, handler)
        : guarded.catch(handler);
    }
  }
}

function testOf({ operator, data, fixed }: Test, values: readonly unknown[]): Loose {
  const operators = { eq, ne, gte, lt };
  // In a list, since a value that is not there (a part of another case) equals nothing.
  return (operators[operator] as Loose)(`${text(dataOf(data, values))}`, String(fixed));
}

function dataOf(data: Data, values: readonly unknown[]): unknown {
  if ('fixed' in data) return data.fixed;
  if ('back' in data) return values[Math.max(0, values.length - 1 - data.back)];
  if ('text' in data)
    return `${data.text[0]}${text(values[Math.max(0, values.length - 1 - data.text[1])])}`;
  if ('list' in data) return data.list.map((each) => dataOf(each, values));
  return { a: dataOf(data.field, values) };
}

function text(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(plain(value)) : `${value as string}`;
}

/** What is fixed is no symbolic value, so that JSON can be made of it here. */
function plain(value: unknown): unknown {
  return containsSymbolic(value) ? 'mixed' : value;
}

function containsSymbolic(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(containsSymbolic);
}
