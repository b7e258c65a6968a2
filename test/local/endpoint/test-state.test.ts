import { TestStateCommand, type TestStateCommandInput } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { lambdaEndpoint } from '../../../lib/local/integrations/lambda-endpoint.ts';
import { invokeApi } from './invoke-api.ts';
import { machine, roleArn, served, sfnClient } from './served.ts';

/** TestState, through the SDK: it would call sync-127.0.0.1, a name that no resolver knows. */
async function tested(
  input: Omit<TestStateCommandInput, 'definition'> & { definition: object | string },
  functions?: string,
): Promise<object> {
  const { url } = await served(functions ? { functions: lambdaEndpoint(functions) } : {});
  const client = sfnClient(url, { disableHostPrefix: true });
  const { definition } = input;
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const { $metadata, ...rest } = await client.send(
    new TestStateCommand({ roleArn, ...input, definition: text }),
  );
  return rest;
}

const task = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f', 'Payload.$': '$.n' },
  ResultSelector: { 'is.$': '$.Payload' },
  ResultPath: '$.answer',
  Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 2, MaxAttempts: 2 }],
  Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Sorry' }],
  Next: 'On',
};

describe('TestState', () => {
  test('a mocked task tells its data, step by step', async () => {
    const input = '{"n":1}';
    const mock = { result: '{"Payload":2}' };
    expect(await tested({ definition: task, input, mock, inspectionLevel: 'DEBUG' })).toEqual({
      status: 'SUCCEEDED',
      output: '{"n":1,"answer":{"is":2}}',
      nextState: 'On',
      inspectionData: {
        input,
        afterInputPath: input,
        afterParameters: '{"FunctionName":"f","Payload":1}',
        result: '{"Payload":2}',
        afterResultSelector: '{"is":2}',
        afterResultPath: '{"n":1,"answer":{"is":2}}',
      },
    });
  });

  test('a mocked error is retriable, then caught', async () => {
    const mock = { errorOutput: { error: 'Again', cause: 'not yet' } };
    const count = (retrierRetryCount: number) =>
      tested({
        definition: task,
        input: '{"n":1}',
        mock,
        inspectionLevel: 'TRACE',
        stateConfiguration: { retrierRetryCount },
      });
    expect(await count(1)).toMatchObject({
      status: 'RETRIABLE',
      error: 'Again',
      cause: 'not yet',
      inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 4 } },
    });
    expect(await count(2)).toMatchObject({
      status: 'CAUGHT_ERROR',
      nextState: 'Sorry',
      output: '{"Error":"Again","Cause":"not yet"}',
      inspectionData: { errorDetails: { retryIndex: 0, catchIndex: 0 } },
    });
  });

  test('without a mock the function is called', async () => {
    const url = await invokeApi({ f: (event) => (event as number) + 1 });
    expect(await tested({ definition: task, input: '{"n":41}' }, url)).toEqual({
      status: 'SUCCEEDED',
      output: '{"n":41,"answer":{"is":42}}',
      nextState: 'On',
    });
  });

  test('TRACE tells the HTTP exchange, and what the connection adds on demand only', async () => {
    const url = await invokeApi({ echo: () => 'hello' });
    const definition = {
      Type: 'Task',
      Resource: 'arn:aws:states:::http:invoke',
      Parameters: {
        ApiEndpoint: `${url}/2015-03-31/functions/echo/invocations`,
        Method: 'POST',
        Authentication: { ConnectionArn: 'arn:aws:events:eu-west-1:1:connection/api/1' },
        RequestBody: { n: 1 },
      },
      End: true,
    };
    const connections = {
      authorize: async () => ({ headers: { Authorization: 'canary' }, query: { key: 'canary' } }),
    };
    const server = await served({ connections });
    const client = sfnClient(server.url, { disableHostPrefix: true });
    const trace = async (revealSecrets: boolean) =>
      await client.send(
        new TestStateCommand({
          ...{ definition: JSON.stringify(definition), roleArn, revealSecrets },
          inspectionLevel: 'TRACE',
        }),
      );
    const { inspectionData } = await trace(false);
    expect(inspectionData?.request).toMatchObject({
      protocol: 'http',
      method: 'POST',
      url: `${url}/2015-03-31/functions/echo/invocations`,
      body: '{"n":1}',
    });
    expect(inspectionData?.response).toMatchObject({ statusCode: '200', body: '"hello"' });
    expect(JSON.stringify(inspectionData)).not.toContain('canary');
    const revealed = (await trace(true)).inspectionData?.request;
    expect(revealed?.url).toContain('?key=canary');
    expect(revealed?.headers).toContain('canary');
  });

  test('a state of a machine is tested with variables and a context object', async () => {
    const definition = machine(
      {
        Set: { Type: 'Pass', Assign: { a: 1 }, Next: 'Add' },
        Add: {
          Type: 'Pass',
          Output: '{% $a + $states.context.Execution.Input %}',
          Assign: { b: '{% $a %}' },
          End: true,
        },
      },
      { QueryLanguage: 'JSONata' },
    );
    const result = await tested({
      definition,
      stateName: 'Add',
      variables: '{"a":40}',
      context: '{"Execution":{"Input":2}}',
      inspectionLevel: 'TRACE',
    });
    expect(result).toEqual({
      status: 'SUCCEEDED',
      output: '42',
      inspectionData: { input: '{}', variables: '{"a":40,"b":40}' },
    });
  });

  test('a Wait takes no time; a Choice tells where it goes; a Fail fails', async () => {
    const wait = { Type: 'Wait', Seconds: 86_400, Next: 'On' };
    expect(await tested({ definition: wait })).toMatchObject({ nextState: 'On' });
    const choice = { Type: 'Choice', Choices: [{ Variable: '$.x', IsNull: true, Next: 'On' }] };
    expect(await tested({ definition: choice, input: '{"x":1}' })).toMatchObject({
      status: 'FAILED',
      error: 'States.NoChoiceMatched',
    });
    const fail = { Type: 'Fail', Error: 'Oh', Cause: 'no' };
    expect(await tested({ definition: fail })).toEqual({
      status: 'FAILED',
      error: 'Oh',
      cause: 'no',
    });
  });

  test("rejects what AWS rejects, in AWS's words", async () => {
    const pass = { Type: 'Pass', End: true };
    const map = {
      Type: 'Map',
      ItemProcessor: { StartAt: 'A', States: { A: pass } },
      End: true,
    };
    const refusals: readonly [Parameters<typeof tested>[0], string, string][] = [
      [
        { definition: pass, mock: { result: '1' } },
        'ValidationException',
        "State type 'Pass' is not supported when a mock is specified",
      ],
      [
        { definition: map },
        'InvalidDefinition',
        'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
      ],
      [
        { definition: map, mock: { result: '{}' } },
        'ValidationException',
        'Mocked result must be an array.',
      ],
      [
        { definition: task, mock: { result: '1', errorOutput: { error: 'x' } } },
        'ValidationException',
        'A test mock should have only one of the following fields: [result, errorOutput].',
      ],
      [
        { definition: task, mock: { result: '1' }, revealSecrets: true },
        'ValidationException',
        'TestState does not support RevealSecrets when a mock is specified.',
      ],
    ];
    for (const [input, name, message] of refusals)
      await expect(tested(input)).rejects.toMatchObject({ name, message });
    await expect(tested({ definition: '{"Type":"Nope"}' })).rejects.toMatchObject({
      name: 'InvalidDefinition',
    });
    await expect(tested({ definition: pass, input: 'nope' })).rejects.toMatchObject({
      name: 'InvalidExecutionInput',
    });
    await expect(tested({ definition: task, input: '{"n":1}' })).rejects.toThrow(
      "The resource 'arn:aws:states:::lambda:invoke' is not served here.",
    );
  });
});
