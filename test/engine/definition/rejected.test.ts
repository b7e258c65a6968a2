import { describe, expect, it } from 'vitest';
import {
  invalidDefinitionMessage,
  validateDefinition,
} from '../../../lib/engine/definition/validate.ts';
import type { Json } from '../../../lib/json.ts';
import { found } from './finding.ts';
import { LAMBDA, lone, machine, pass } from './machine.ts';

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
