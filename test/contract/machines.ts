import type { JsonObject, JsonSchema } from '../../lib/json.ts';

/** A workflow that the contract suite needs, as what `compile` would give of it. */
export interface ContractMachine {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  /** Amazon States Language in JSONata; no Lambda, so nothing but an engine is needed. */
  readonly definition: string;
}

function machine(
  name: string,
  description: string,
  definition: JsonObject,
  inputSchema: JsonSchema = {},
): ContractMachine {
  return { name, description, inputSchema, definition: JSON.stringify(definition) };
}

/** Every workflow of the suite: a runner that is tested knows these and no others. */
export const contractMachines: readonly ContractMachine[] = [
  machine(
    'echo',
    'Answers its input.',
    {
      QueryLanguage: 'JSONata',
      StartAt: 'Echo',
      States: { Echo: { Type: 'Pass', Output: '{% $states.input %}', End: true } },
    },
    {
      type: 'object',
      properties: { text: { type: 'string' }, times: { type: 'integer', default: 1 } },
      required: ['text'],
      additionalProperties: false,
    },
  ),
  machine('fails', 'Fails with Contract.Failed and a cause.', {
    QueryLanguage: 'JSONata',
    StartAt: 'Give up',
    States: {
      'Give up': { Type: 'Fail', Error: 'Contract.Failed', Cause: 'It was asked to fail.' },
    },
  }),
  machine('slow', 'Waits ten minutes, so that a test can meet it open.', {
    QueryLanguage: 'JSONata',
    StartAt: 'Wait long',
    States: { 'Wait long': { Type: 'Wait', Seconds: 600, End: true } },
  }),
  machine('gathers', 'Two branches at once; the first is done a second after the other.', {
    QueryLanguage: 'JSONata',
    StartAt: 'Gather',
    States: {
      Gather: {
        Type: 'Parallel',
        Branches: [
          {
            StartAt: 'Wait a second',
            States: {
              'Wait a second': { Type: 'Wait', Seconds: 1, Next: 'Late' },
              Late: { Type: 'Pass', Output: 'late', End: true },
            },
          },
          { StartAt: 'Early', States: { Early: { Type: 'Pass', Output: 'early', End: true } } },
        ],
        End: true,
      },
    },
  }),
];
