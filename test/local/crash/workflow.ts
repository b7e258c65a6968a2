import { createHash } from 'node:crypto';
import type { CompiledWorkflow } from '../../../lib/asl/compiled.ts';
import type { JsonObject } from '../../../lib/json.ts';

/** Calls the counted function in the name of a step; the answer is put under `variable`, if there is one. */
function call(step: string, more: JsonObject = {}): JsonObject {
  return {
    Type: 'Task',
    Resource: '${Counted}',
    Arguments: { url: '{% $states.context.Execution.Input.url %}', step },
    ...more,
  };
}

const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'first',
  States: {
    first: call('first', { Assign: { first: '{% $states.result.answer %}' }, Next: 'Gather' }),
    Gather: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'left-1',
          States: {
            'left-1': call('left-1', { Next: 'left-2' }),
            'left-2': call('left-2', { End: true }),
          },
        },
        { StartAt: 'slow', States: { slow: call('slow', { End: true }) } },
        {
          StartAt: 'flaky',
          States: {
            flaky: call('flaky', {
              Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 1, MaxAttempts: 3 }],
              End: true,
            }),
          },
        },
        {
          StartAt: 'Items',
          States: {
            Items: {
              Type: 'Map',
              Items: [1, 2, 3, 4, 5, 6],
              MaxConcurrency: 3,
              ItemProcessor: {
                ProcessorConfig: { Mode: 'INLINE' },
                StartAt: 'item',
                States: {
                  item: call("{% 'item-' & $string($states.input) %}", { Next: 'Pause' }),
                  Pause: { Type: 'Wait', Seconds: 0, End: true },
                },
              },
              End: true,
            },
          },
        },
        {
          StartAt: 'Far items',
          States: {
            'Far items': {
              Type: 'Map',
              Items: [1, 2, 3],
              MaxConcurrency: 2,
              ItemSelector: {
                url: '{% $states.context.Execution.Input.url %}',
                step: "{% 'far-' & $string($states.context.Map.Item.Value) %}",
              },
              ItemProcessor: {
                ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
                StartAt: 'far',
                States: {
                  far: {
                    Type: 'Task',
                    Resource: '${Counted}',
                    Arguments: '{% $states.input %}',
                    End: true,
                  },
                },
              },
              End: true,
            },
          },
        },
      ],
      Assign: { gathered: '{% $states.result.answer %}' },
      Next: 'Settle',
    },
    Settle: { Type: 'Pass', Assign: { settled: '{% $count($gathered) %}' }, Next: 'last' },
    last: call('last', {
      Output:
        '{% { "first": $first, "gathered": $gathered, "settled": $settled, "last": $states.result } %}',
      End: true,
    }),
  },
});

/** Fast and slow steps one after the other, side by side, repeated and retried. */
export const crashing: CompiledWorkflow = {
  name: 'crashing',
  description: null,
  definition,
  definitionHash: createHash('sha256').update(definition).digest('hex'),
  functions: [
    {
      kind: 'task',
      placeholder: 'Counted',
      name: 'task-counted',
      entry: 'test/fixtures/functions/counted.ts',
      handler: 'handler',
      timeoutSeconds: 60,
    },
  ],
  inputSchema: {},
};

/** The steps of both Maps. */
export const items = [1, 2, 3, 4, 5, 6].map((item) => `item-${item}`);
export const farItems = [1, 2, 3].map((item) => `far-${item}`);

const together = ['left-2', 'slow', 'flaky', ...items, ...farItems];

/** What must have succeeded before a step may begin. */
export const before: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(together.map((step) => [step, ['first']])),
  'left-1': ['first'],
  'left-2': ['first', 'left-1'],
  last: ['first', 'left-1', ...together],
};

/** What the run gives, however often it was interrupted. */
export const output = {
  first: 'answer of first',
  gathered: together.map((step) => `answer of ${step}`),
  settled: together.length,
  last: { answer: 'answer of last' },
};

/** Calls of a run without a crash: each step once, and once more for the one that fails at first. */
export const leastCalls = together.length + 4;
