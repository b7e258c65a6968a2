import { expect, test } from 'vitest';
import { lambdaInvocation, lambdaInvokeResult } from '../../lib/engine/task/lambda-invoke.ts';
import { parseResource } from '../../lib/engine/task/resource.ts';
import { echo, lambda, run, task } from './harness.ts';

test('takes Resource ARNs apart', () => {
  expect(parseResource(lambda('f'))).toEqual({ kind: 'lambda', arn: lambda('f') });
  expect(parseResource('arn:aws:states:us-east-1:1:activity:a')).toMatchObject({
    kind: 'activity',
  });
  expect(parseResource('arn:aws:states:::aws-sdk:dynamodb:getItem')).toMatchObject({
    kind: 'service',
    service: 'aws-sdk:dynamodb',
    api: 'getItem',
    pattern: 'request',
    resource: 'getItem',
  });
  expect(parseResource('arn:aws:states:::states:startExecution.sync:2')).toMatchObject({
    service: 'states',
    api: 'startExecution',
    pattern: 'sync:2',
    resource: 'startExecution.sync:2',
  });
  expect(parseResource('nonsense')).toBeUndefined();
});

test('reads the parameters of lambda:invoke as AWS does', () => {
  const read = (Payload: unknown) =>
    lambdaInvocation(JSON.stringify({ FunctionName: 'f', Payload })).payload;
  expect(read('0.0')).toBe('0.0');
  expect(read(null)).toBe('{}');
  expect(read(undefined)).toBe('{}');
  expect(read('plain')).toBe('"plain"');
  expect(read({ a: 1 })).toBe('{"a":1}');
  expect(() => lambdaInvocation('{}')).toThrow('FunctionName');
});

test('wraps the answer of lambda:invoke in its envelope', () => {
  expect(JSON.parse(lambdaInvokeResult('{"a":1}', 'id'))).toMatchObject({
    ExecutedVersion: '$LATEST',
    Payload: { a: 1 },
    SdkResponseMetadata: { RequestId: 'id' },
    StatusCode: 200,
  });
});

test('tells the role that a state names by its Credentials', async () => {
  const role = 'arn:aws:iam::123456789012:role/other';
  const { output, history } = await run(
    { StartAt: 'T', States: { T: task('f', { Credentials: { 'RoleArn.$': '$.role' } }) } },
    { f: (_, call) => call.roleArn ?? null },
    { role },
  );
  expect(output).toBe(role);
  expect(history[2]?.details).toMatchObject({ taskCredentials: { roleArn: role } });
});

test('gives a JSONata task its whole input where it has no Arguments', async () => {
  const definition = { QueryLanguage: 'JSONata', StartAt: 'T', States: { T: task('f') } };
  expect((await run(definition, { f: echo }, { n: 1 })).output).toEqual({ n: 1 });
});

test('records TaskSubmitted for a job that the state waits for', async () => {
  const { types, output } = await run(
    {
      StartAt: 'Child',
      States: {
        Child: {
          Type: 'Task',
          Resource: 'arn:aws:states:::states:startExecution.sync:2',
          Parameters: { StateMachineArn: 'x' },
          End: true,
        },
      },
    },
    {
      '2': async (_, call) => {
        call.submitted('{"ExecutionArn":"y"}');
        await call.sleep(1_000);
        return 'ended';
      },
    },
  );
  expect(output).toBe('ended');
  expect(types.slice(2, 6)).toEqual([
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
  ]);
});
