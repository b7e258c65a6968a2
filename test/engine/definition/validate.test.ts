import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../lib/engine/definition/diagnostic.ts';
import {
  invalidDefinitionMessage,
  type ValidateOptions,
  validateDefinition,
  validateState,
} from '../../../lib/engine/definition/validate.ts';
import type { Json, JsonObject } from '../../../lib/json.ts';
import { processorTime } from '../jsonata/processor-time.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:123456789012:function:f';

function machine(states: JsonObject, more: JsonObject = {}): JsonObject {
  return { StartAt: Object.keys(states)[0]!, States: states, ...more };
}

/** A machine of one state that ends. */
function lone(state: JsonObject, more: JsonObject = {}): JsonObject {
  return machine({ S: { ...state, End: true } }, more);
}

function found(definition: Json, options?: ValidateOptions): readonly string[] {
  return validateDefinition(definition, options).diagnostics.map(told);
}

function told({ code, message, location }: Diagnostic): string {
  return `${code}: ${message} at ${location ?? 'null'}`;
}

const pass: JsonObject = { Type: 'Pass', End: true };

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

describe('the validator rejects', () => {
  it.each<[string, Json, readonly string[]]>([
    [
      'an empty object',
      {},
      ['SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /'],
    ],
    [
      'what is no object',
      [],
      ['SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null'],
    ],
    [
      'a state without a type',
      lone({}),
      ['SCHEMA_VALIDATION_FAILED: These fields are required: [Type] at /States/S'],
    ],
    [
      'a Task without a resource',
      lone({ Type: 'Task' }),
      ['SCHEMA_VALIDATION_FAILED: These fields are required: [Resource] at /States/S'],
    ],
    [
      'a field that the type does not have',
      lone({ Type: 'Pass', TimeoutSeconds: 1 }),
      ["SCHEMA_VALIDATION_FAILED: Field 'TimeoutSeconds' is not supported at /States/S"],
    ],
    [
      'Catch on a Pass',
      lone({ Type: 'Pass', Catch: [] }),
      ["SCHEMA_VALIDATION_FAILED: Field 'Catch' is not supported at /States/S"],
    ],
    [
      'Output in JSONPath',
      lone({ Type: 'Pass', Output: 1 }),
      [
        "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/S",
      ],
    ],
    [
      'Parameters in JSONata',
      lone({ Type: 'Pass', Parameters: {} }, { QueryLanguage: 'JSONata' }),
      [
        "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' QueryLanguage at /States/S",
      ],
    ],
    [
      'Output in a branch that inherits JSONPath',
      lone({
        Type: 'Parallel',
        QueryLanguage: 'JSONata',
        Branches: [machine({ B: { ...pass, Output: 1 } })],
      }),
      [
        "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/S/Branches[0]/States/B",
      ],
    ],
    [
      'QueryLanguage on a processor',
      lone({ Type: 'Map', ItemProcessor: { ...machine({ B: pass }), QueryLanguage: 'JSONata' } }),
      [
        "SCHEMA_VALIDATION_FAILED: Field 'QueryLanguage' is not supported at /States/S/ItemProcessor",
      ],
    ],
    [
      'Map without a processor',
      lone({ Type: 'Map' }),
      ['SCHEMA_VALIDATION_FAILED: These fields are required: [ItemProcessor] at /States/S'],
    ],
    [
      'a Label on an inline Map',
      lone({ Type: 'Map', Label: 'x', ItemProcessor: machine({ B: pass }) }),
      ["SCHEMA_VALIDATION_FAILED: Field 'Label' is not supported at /States/S"],
    ],
    [
      'a Choice variable that is no path',
      machine({
        C: { Type: 'Choice', Choices: [{ Variable: 'x', StringEquals: 'a', Next: 'S' }] },
        S: { Type: 'Succeed' },
      }),
      [
        "SCHEMA_VALIDATION_FAILED: Value is not a Reference Path: Reference path didn't start with '$' at /States/C/Choices[0]/Variable",
      ],
    ],
    [
      'two Wait forms',
      lone({ Type: 'Wait', Seconds: 1, Timestamp: '2020-01-01T00:00:00Z' }),
      [
        'SCHEMA_VALIDATION_FAILED: A Wait state must have exactly one of [Seconds, SecondsPath, Timestamp, TimestampPath] at /States/S',
      ],
    ],
    [
      'a reserved variable',
      lone({ Type: 'Pass', Assign: { states: 1 } }),
      ["SCHEMA_VALIDATION_FAILED: Variable name 'states' is reserved at /States/S/Assign/states"],
    ],
    [
      'a variable that is no identifier',
      lone({ Type: 'Pass', Assign: { 'a b': 1 } }),
      [
        "SCHEMA_VALIDATION_FAILED: Variable name 'a b' is not valid: it must be an identifier of at most 80 characters at /States/S/Assign/a b",
      ],
    ],
    [
      'a name that two states have',
      lone({ Type: 'Parallel', Branches: [machine({ S: pass })] }),
      ['DUPLICATE_STATE_NAME: Duplicate state name: S at /States/S/Branches[0]/States/S'],
    ],
    [
      'a name of 81 characters',
      machine({ ['n'.repeat(81)]: pass }),
      [
        `SCHEMA_VALIDATION_FAILED: State name must have between 1 and 80 characters at /States/${'n'.repeat(81)}`,
      ],
    ],
    [
      'a JSONata syntax error',
      lone({ Type: 'Pass', Output: { v: '{% 1 + %}' } }, { QueryLanguage: 'JSONata' }),
      ['INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/S/Output/v'],
    ],
    [
      'a top-level reference',
      lone(
        { Type: 'Pass', Output: { v: ['{% phone & $x.ok[inner = 1] %}'] } },
        { QueryLanguage: 'JSONata' },
      ),
      [
        "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/S/Output/v[0]",
      ],
    ],
    [
      '$$ in JSONata',
      lone({ Type: 'Pass', Output: '{% $$ %}' }, { QueryLanguage: 'JSONata' }),
      [
        "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' at the top level is not supported. at /States/S/Output",
      ],
    ],
    [
      '$states.errorOutput outside a catcher',
      lone({ Type: 'Pass', Output: '{% $states.errorOutput %}' }, { QueryLanguage: 'JSONata' }),
      [
        "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$states.errorOutput' at the top level is not supported. at /States/S/Output",
      ],
    ],
    [
      'a bad path in Parameters',
      lone({ Type: 'Pass', Parameters: { a: { 'b.$': '$.c[' } } }),
      [
        "SCHEMA_VALIDATION_FAILED: The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters/a",
      ],
    ],
    [
      'a ResultPath with a wildcard',
      lone({ Type: 'Pass', ResultPath: '$.a[*]' }),
      [
        'SCHEMA_VALIDATION_FAILED: Value is not a Reference Path: a reference path has names and indices only at /States/S/ResultPath',
      ],
    ],
    [
      'States.ALL beside others',
      lone({ Type: 'Task', Resource: LAMBDA, Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] }),
      [
        'SCHEMA_VALIDATION_FAILED: States.ALL must appear alone and must be in the last retrier or catcher at /States/S/Retry[0]/ErrorEquals',
      ],
    ],
    [
      'a heartbeat as long as the timeout',
      lone({ Type: 'Task', Resource: LAMBDA, TimeoutSeconds: 3, HeartbeatSeconds: 3 }),
      [
        'SCHEMA_VALIDATION_FAILED: HeartbeatSeconds must be smaller than TimeoutSeconds at /States/S',
      ],
    ],
    [
      'neither Next nor End',
      machine({ S: { Type: 'Pass' } }),
      ["SCHEMA_VALIDATION_FAILED: A state must have either 'Next' or 'End': true at /States/S"],
    ],
    [
      'a loop without an end',
      machine({
        A: { Type: 'Pass', Next: 'B' },
        B: { Type: 'Pass', Next: 'A' },
        C: { Type: 'Pass', Next: 'A' },
      }),
      ['MISSING_END_STATE: Workflow has no terminal state at null'],
    ],
    [
      'a state that nothing leads to',
      machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' }, C: pass }),
      ['MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C'],
    ],
    [
      'a target that is not there',
      machine({ A: { Type: 'Pass', Next: 'NOPE' } }),
      [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next",
        'MISSING_END_STATE: Workflow has no terminal state at null',
      ],
    ],
    [
      'targets that are not there in Choice and Catch',
      machine({
        C: {
          Type: 'Choice',
          Choices: [{ Variable: '$.a', IsNull: true, Next: 'X' }],
          Default: 'T',
        },
        T: {
          Type: 'Task',
          Resource: LAMBDA,
          Catch: [{ ErrorEquals: ['E'], Next: 'Y' }],
          End: true,
        },
      }),
      [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/C/Choices[0]/Next",
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /States/T/Catch[0]/Next",
      ],
    ],
    [
      'a target in another container',
      machine({
        P: { Type: 'Parallel', Branches: [machine({ B: { Type: 'Pass', Next: 'E' } })], Next: 'E' },
        E: { Type: 'Succeed' },
      }),
      [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: E at /States/P/Branches[0]/States/B/Next",
        'MISSING_END_STATE: Workflow has no terminal state at null',
      ],
    ],
    [
      'a resource that does not exist',
      lone({ Type: 'Task', Resource: 'arn:aws:states:::dynamodb:query' }),
      [
        'SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/S/Resource',
      ],
    ],
  ])('%s', (_what, definition, expected) => {
    expect(found(definition)).toEqual(expected);
  });

  it('in an Express machine what needs a Standard one', () => {
    const map = {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        ...machine({ I: pass }),
      },
    };
    const token = { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' };
    for (const state of [map, token]) {
      expect(found(lone(state), { type: 'STANDARD' })).toEqual([]);
      expect(found(lone(state), { type: 'EXPRESS' })).toHaveLength(1);
    }
  });

  it('callbacks in the Express children of a Standard machine', () => {
    const token = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      End: true,
    };
    const definition = lone({
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        ...machine({ I: token }),
      },
    });
    expect(found(definition)[0]).toContain(
      "Express state machine does not support '.waitForTaskToken'",
    );
  });

  it('with the message of CreateStateMachine', () => {
    const { diagnostics } = validateDefinition(
      machine({ pass1: { Type: 'Pass', Next: 'pass3' }, pass2: pass }),
    );
    expect(invalidDefinitionMessage(diagnostics)).toBe(
      `Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/pass1/Next, MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2'`,
    );
  });

  it('text that is no JSON', () => {
    expect(validateDefinition('{"a": ').diagnostics).toMatchObject([
      { code: 'INVALID_JSON_DESCRIPTION' },
    ]);
    expect(validateDefinition('\n  nope').diagnostics[0]?.location).toBe(
      '[Source: (String)"\n  nope"; line: 2, column: 7]',
    );
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

describe('a hostile definition', () => {
  const nested = (depth: number, open: string, close: string) =>
    open.repeat(depth) + close.repeat(depth);

  it.each<[string, string | (() => Json)]>([
    ['of two megabytes', `{"Comment": "${'x'.repeat(2_000_000)}"}`],
    ['nested 200,000 deep', nested(200_000, '[', ']')],
    [
      'with a field nested 200,000 deep',
      `{"StartAt":"S","States":{"S":{"Type":"Pass","End":true,"Result":${nested(200_000, '[', ']')}}}}`,
    ],
    [
      'with Nots nested 900 deep',
      `{"StartAt":"S","States":{"S":{"Type":"Choice","Default":"S","Choices":[{"Next":"S",${'"Not":{'.repeat(900)}"Variable":"$.a","IsNull":true${'}'.repeat(900)}}]}}}`,
    ],
    [
      'with branches nested 300 deep',
      `{"StartAt":"S","States":{"S":`.repeat(1) +
        '{"Type":"Parallel","End":true,"Branches":[{"StartAt":"S","States":{"S":'.repeat(200) +
        '{"Type":"Pass"}' +
        '}}]}'.repeat(200) +
        '}}',
    ],
    [
      'of a million states',
      () => Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`s${i}`, pass])),
    ],
    [
      'whose expression is nested 100,000 deep',
      JSON.stringify(
        lone(
          { Type: 'Pass', Output: `{% ${nested(100_000, '(', ')')} %}` },
          { QueryLanguage: 'JSONata' },
        ),
      ),
    ],
    [
      'whose path is a megabyte of brackets',
      JSON.stringify(lone({ Type: 'Pass', InputPath: `$${'['.repeat(500_000)}` })),
    ],
    [
      'whose keys are those of a prototype',
      '{"StartAt":"__proto__","States":{"__proto__":{"Type":"constructor","__proto__":1},"constructor":{"Type":"Pass"}},"toString":1}',
    ],
  ])('%s is answered with a named error in time', (_what, made) => {
    const definition: string | Json =
      typeof made === 'string' ? made : machine(made() as JsonObject, { toString: 1 });
    const start = processorTime();
    const validation = validateDefinition(definition);
    expect(processorTime() - start).toBeLessThan(1_500);
    expect(validation.result).toBe('FAIL');
    expect(validation.diagnostics[0]?.code).toMatch(/^[A-Z_]+$/);
    expect(validation.diagnostics.length).toBeLessThanOrEqual(100);
  });

  it('with more faults than are listed says so', () => {
    const states = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`s${i}`, { Type: 'Nope' }]),
    );
    const validation = validateDefinition(machine(states));
    expect(validation.diagnostics).toHaveLength(100);
    expect(validation.truncated).toBe(true);
  });

  it('that is only large is accepted in time', () => {
    const states = Object.fromEntries(
      Array.from({ length: 9_000 }, (_, i) => [
        `s${i}`,
        {
          Type: 'Pass',
          ...(i < 8_999 ? { Next: `s${i + 1}` } : { End: true }),
          Parameters: { 'a.$': `$.x${i}` },
        },
      ]),
    );
    const text = JSON.stringify(machine(states));
    const start = processorTime();
    expect(validateDefinition(text).result).toBe('OK');
    expect(processorTime() - start).toBeLessThan(1_500);
  });
});
