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
import type { Block, Data, Statement, Test } from './random-programs.ts';

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
