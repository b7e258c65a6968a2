import { describe, expect, it } from 'vitest';
import {
  type ValidateOptions,
  validateDefinition,
  validateState,
} from '../../../lib/engine/definition/validate.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { found, told } from './finding.ts';
import { LAMBDA, machine, pass } from './machine.ts';

describe('the validator accepts', () => {
  it.each<[string, JsonObject, ValidateOptions?]>([
    [
      'every type of state',
      machine({
        A: {
          Type: 'Pass',
          Result: { x: 1 },
          ResultPath: '$.p',
          Assign: { 'v.$': '$.a' },
          Next: 'B',
        },
        B: { Type: 'Wait', SecondsPath: '$.s', Next: 'C' },
        C: {
          Type: 'Choice',
          Choices: [{ And: [{ Variable: '$v', IsPresent: true }], Next: 'D' }],
          Default: 'E',
        },
        D: {
          Type: 'Task',
          Resource: LAMBDA,
          Retry: [{ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' }],
          Catch: [{ ErrorEquals: ['X'], Next: 'F', ResultPath: '$.e' }],
          TimeoutSeconds: 9,
          HeartbeatSeconds: 3,
          Next: 'G',
        },
        E: { Type: 'Succeed' },
        F: { Type: 'Fail', ErrorPath: '$.e', CausePath: "States.Format('{}', $.c)" },
        G: {
          Type: 'Parallel',
          Branches: [machine({ G1: pass }), machine({ G2: pass })],
          Next: 'H',
        },
        H: {
          Type: 'Map',
          ItemsPath: '$.i',
          ItemSelector: { 'x.$': '$$.Map.Item.Value' },
          ItemProcessor: machine({ H1: pass }),
          MaxConcurrency: 2,
          End: true,
        },
      }),
    ],
    [
      'JSONata throughout',
      machine(
        {
          A: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Arguments: { FunctionName: 'f', Payload: '{% $states.input %}' },
            Output: '{% $states.result.Payload %}',
            Assign: { v: '{% $states.result %}' },
            TimeoutSeconds: '{% $states.input.t %}',
            Catch: [
              {
                ErrorEquals: ['States.ALL'],
                Output: '{% $states.errorOutput %}',
                Assign: { e: '{% $states.errorOutput.Error %}' },
                Next: 'B',
              },
            ],
            Next: 'B',
          },
          B: {
            Type: 'Choice',
            Choices: [
              { Condition: '{% $v.n > 1 %}', Next: 'C', Output: { a: 1 }, Assign: { w: 1 } },
            ],
            Default: 'C',
          },
          C: {
            Type: 'Map',
            Items: '{% $states.input.items[kind = "a"] %}',
            ItemProcessor: machine({ C1: pass }),
            Next: 'D',
          },
          D: { Type: 'Wait', Timestamp: '{% $now() %}', Next: 'E' },
          E: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: 'plain' },
        },
        { QueryLanguage: 'JSONata' },
      ),
    ],
    [
      'a JSONata state in a JSONPath machine',
      machine({
        A: {
          Type: 'Pass',
          QueryLanguage: 'JSONata',
          Output: '{% $map([1], function($x){ $x.a }) %}',
          End: true,
        },
      }),
    ],
    [
      'a Distributed Map',
      machine({
        M: {
          Type: 'Map',
          Label: 'items',
          ItemReader: {
            Resource: 'arn:aws:states:::s3:getObject',
            ReaderConfig: { InputType: 'JSONL' },
            Parameters: { Bucket: 'b', 'Key.$': '$.k' },
          },
          ItemBatcher: { MaxItemsPerBatch: 5 },
          ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b' } },
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            ...machine({ I: pass }),
          },
          ToleratedFailurePercentage: 5,
          End: true,
        },
      }),
    ],
    [
      'SDK integrations and activities',
      machine({
        A: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:s3:getObject', Next: 'B' },
        B: {
          Type: 'Task',
          Resource: 'arn:aws:states:us-east-1:123456789012:activity:a',
          Next: 'C',
        },
        C: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
          End: true,
        },
      }),
    ],
  ])('%s', (_what, definition, options) => {
    expect(found(definition, options)).toEqual([]);
    expect(validateDefinition(JSON.stringify(definition), options).result).toBe('OK');
  });
});

describe('a state by itself', () => {
  it('is judged without looking where it leads', () => {
    expect(validateState({ Type: 'Pass', Next: 'Elsewhere' }).result).toBe('OK');
    expect(
      validateState({ Type: 'Pass', QueryLanguage: 'JSONata', Output: 1, End: true }).result,
    ).toBe('OK');
    expect(validateState({ Type: 'Pass', Nope: 1, End: true }).diagnostics.map(told)).toEqual([
      "SCHEMA_VALIDATION_FAILED: Field 'Nope' is not supported at /",
    ]);
  });
});
