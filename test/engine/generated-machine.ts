import fc from 'fast-check';
import { TaskFailure } from '../../lib/engine/task/task-port.ts';
import type { JsonObject } from '../../lib/json.ts';
import { type Handler, lambda } from './harness.ts';

/** A piece of a generated workflow. */
type Block =
  | { readonly kind: 'pass' | 'wait' | 'choice' | 'flaky' | 'caught' | 'failing' | 'slow' | 'task' }
  | { readonly kind: 'parallel'; readonly branches: readonly (readonly Block[])[] }
  | { readonly kind: 'guarded'; readonly body: readonly Block[]; readonly retries: number }
  | { readonly kind: 'map'; readonly body: readonly Block[]; readonly width: number };

const { blocks } = fc.letrec<{ block: Block; blocks: readonly Block[] }>((tie) => ({
  blocks: fc.array(tie('block'), { minLength: 1, maxLength: 3 }),
  block: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.record({
      kind: fc.constantFrom('pass', 'wait', 'choice', 'flaky', 'caught', 'slow', 'task'),
    }),
    fc.record({
      kind: fc.constant('parallel' as const),
      branches: fc.array(tie('blocks'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('guarded' as const),
      body: tie('blocks'),
      retries: fc.integer({ min: 0, max: 2 }),
    }),
    fc.record({
      kind: fc.constant('map' as const),
      body: tie('blocks'),
      width: fc.integer({ min: 0, max: 2 }),
    }),
  ),
})) as { blocks: fc.Arbitrary<readonly Block[]> };

/** Definitions of workflows of any shape, in JSONata; they end, and most of them well. */
export const machines: fc.Arbitrary<JsonObject> = fc
  .record({ body: blocks, failing: fc.boolean() })
  .map(({ body, failing }) => {
    const names = new Names();
    const all: readonly Block[] = failing ? [...body, { kind: 'failing' }] : body;
    return { QueryLanguage: 'JSONata', ...program(all, names) };
  });

class Names {
  #count = 0;

  next(kind: string): string {
    return `${kind}${++this.#count}`;
  }
}

function program(body: readonly Block[], names: Names): JsonObject {
  const starts = body.map(({ kind }) => names.next(kind));
  const states: Record<string, JsonObject> = {};
  for (const [index, block] of body.entries()) {
    const next = starts[index + 1];
    const flow: JsonObject = next === undefined ? { End: true } : { Next: next };
    Object.assign(states, statesOf(block, starts[index] as string, flow, names));
  }
  return { StartAt: starts[0] as string, States: states };
}

function statesOf(block: Block, name: string, flow: JsonObject, names: Names): JsonObject {
  switch (block.kind) {
    case 'parallel':
      return {
        [name]: {
          Type: 'Parallel',
          Branches: block.branches.map((body) => program(body, names)),
          ...flow,
        },
      };
    case 'guarded': {
      const handler = names.next('pass');
      const branches = [block.body, [...block.body, { kind: 'failing' } as const]];
      const guarded = {
        Type: 'Parallel',
        Branches: branches.map((body) => program(body, names)),
        Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 20, MaxAttempts: block.retries }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: handler }],
      };
      return { [name]: { ...guarded, ...flow }, [handler]: { Type: 'Pass', ...flow } };
    }
    case 'map': {
      const ItemProcessor = program(block.body, names);
      const map = { Type: 'Map', Items: [1, 2, 3], MaxConcurrency: block.width, ItemProcessor };
      return { [name]: { ...map, ...flow } };
    }
    case 'choice': {
      const [yes, no] = [names.next('pass'), names.next('task')];
      const rule = { Condition: '{% $length($string($states.input)) % 2 = 0 %}', Next: yes };
      return {
        [name]: { Type: 'Choice', Choices: [rule], Default: no },
        [yes]: { Type: 'Pass', Output: ['{% $states.input %}', 'even'], ...flow },
        [no]: { ...call('task'), ...flow },
      };
    }
    case 'caught': {
      const handler = names.next('pass');
      const Catch = [{ ErrorEquals: ['Boom'], Next: handler }];
      return {
        [name]: { ...call('failing'), Catch, ...flow },
        [handler]: { Type: 'Pass', Assign: { caught: '{% $states.input.Error %}' }, ...flow },
      };
    }
    case 'pass':
      return { [name]: { Type: 'Pass', Assign: { seen: '{% $states.input %}' }, ...flow } };
    case 'wait':
      return { [name]: { Type: 'Wait', Seconds: 30, ...flow } };
    case 'flaky':
      return {
        [name]: {
          ...call('flaky'),
          Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 5, MaxAttempts: 2 }],
          ...flow,
        },
      };
    default:
      return { [name]: { ...call(block.kind), ...flow } };
  }
}

function call(name: string): JsonObject {
  return {
    Type: 'Task',
    Resource: lambda(name),
    Arguments: { input: '{% $states.input %}' },
    Output: '{% $states.result %}',
  };
}

/** The functions that generated workflows call: their answers follow from input and attempt alone. */
export const handlers: Readonly<Record<string, Handler>> = {
  task: (input) => ({ done: JSON.stringify(input).length }),
  slow: async (input, call) => {
    await call.sleep(10_000);
    return { slow: JSON.stringify(input).length };
  },
  failing: (_, { stateName }) => {
    throw new TaskFailure('Boom', stateName);
  },
  flaky: (_, { attempt }) => {
    if (attempt < 3) throw new TaskFailure('Boom', `attempt ${attempt}`);
    return { attempts: attempt };
  },
};
