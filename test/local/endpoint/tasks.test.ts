import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteActivityCommand,
  DescribeActivityCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test, vi } from 'vitest';
import { VirtualClock } from '../../../lib/engine/clock/virtual-clock.ts';
import { lambdaEndpoint } from '../../../lib/local/integrations/lambda-endpoint.ts';
import { invokeApi, Thrown } from './invoke-api.ts';
import { machine, passing, place, roleArn, served } from './served.ts';

const executionArn = `${place}:execution:m:one`;

async function start(client: SFNClient, definition: string, input = '{}'): Promise<void> {
  await client.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn }));
  const stateMachineArn = `${place}:stateMachine:m`;
  await client.send(new StartExecutionCommand({ stateMachineArn, name: 'one', input }));
}

async function ended(client: SFNClient): Promise<object> {
  return await vi.waitFor(async () => {
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(described.status).not.toBe('RUNNING');
    return described;
  });
}

async function types(client: SFNClient): Promise<readonly unknown[]> {
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  return events?.map(({ type }) => type) ?? [];
}

const asking = machine({
  Ask: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
    End: true,
  },
});

async function asked(client: SFNClient, tokens: readonly string[]): Promise<string> {
  await start(client, asking);
  return await vi.waitFor(() => {
    expect(tokens).toHaveLength(1);
    return tokens[0] as string;
  });
}

async function servedAsking(): Promise<{ client: SFNClient; tokens: string[] }> {
  const tokens: string[] = [];
  const url = await invokeApi({
    ask: (event) => {
      tokens.push((event as { token: string }).token);
      return null;
    },
  });
  const { client } = await served({ functions: lambdaEndpoint(url) });
  return { client, tokens };
}

describe('Lambda functions at an Invoke API', () => {
  test('a function is called by its ARN, its answer is the result', async () => {
    const url = await invokeApi({ double: (event) => (event as number) * 2 });
    const { client } = await served({ functions: lambdaEndpoint(`${url}/`) });
    const Resource = 'arn:aws:lambda:eu-central-1:123456789012:function:double';
    await start(client, machine({ Double: { Type: 'Task', Resource, End: true } }), '21');
    expect(await ended(client)).toMatchObject({ status: 'SUCCEEDED', output: '42' });
  });

  test("a function's error is caught by its errorType", async () => {
    const url = await invokeApi({
      breaks: () => {
        throw new Thrown({ errorType: 'TooMuch', errorMessage: 'it was' });
      },
    });
    const { client } = await served({ functions: lambdaEndpoint(url) });
    const call = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'breaks' },
      Catch: [{ ErrorEquals: ['TooMuch'], Next: 'Caught' }],
      End: true,
    };
    await start(client, machine({ Call: call, Caught: { Type: 'Pass', End: true } }));
    expect(await ended(client)).toMatchObject({
      status: 'SUCCEEDED',
      output:
        '{"Error":"TooMuch","Cause":"{\\"errorType\\":\\"TooMuch\\",\\"errorMessage\\":\\"it was\\"}"}',
    });
  });

  test('a function that is not there, and a server that is not there, fail by name', async () => {
    const url = await invokeApi({});
    const call = machine({
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:lambda:eu-central-1:123456789012:function:none:live',
        End: true,
      },
    });
    const there = await served({ functions: lambdaEndpoint(url) });
    await start(there.client, call);
    expect(await ended(there.client)).toMatchObject({
      status: 'FAILED',
      error: 'Lambda.ResourceNotFoundException',
      cause: expect.stringMatching(
        /^Function not found: none \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: /,
      ),
    });
    const gone = await served({ functions: lambdaEndpoint('http://127.0.0.1:9') });
    await start(gone.client, call);
    expect(await ended(gone.client)).toMatchObject({
      status: 'FAILED',
      error: 'Lambda.SdkClientException',
    });
  });
});

describe('task tokens', () => {
  test('SendTaskSuccess gives the waiting task its result', async () => {
    const { client, tokens } = await servedAsking();
    const taskToken = await asked(client, tokens);
    await client.send(new SendTaskHeartbeatCommand({ taskToken }));
    await client.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' }));
    expect(await ended(client)).toMatchObject({ output: '{"approved":true}' });
    expect(await types(client)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('SendTaskFailure fails it', async () => {
    const { client, tokens } = await servedAsking();
    const taskToken = await asked(client, tokens);
    await client.send(new SendTaskFailureCommand({ taskToken, error: 'No', cause: 'not today' }));
    expect(await ended(client)).toMatchObject({
      status: 'FAILED',
      error: 'No',
      cause: 'not today',
    });
  });

  test('rejects a token that was answered already, one that is foreign, and output that is not JSON', async () => {
    const { client, tokens } = await servedAsking();
    const taskToken = await asked(client, tokens);
    const success = (token: string, output: string): SendTaskSuccessCommand =>
      new SendTaskSuccessCommand({ taskToken: token, output });
    await expect(client.send(success(taskToken, 'no json'))).rejects.toMatchObject({
      name: 'InvalidOutput',
    });
    await client.send(success(taskToken, '1'));
    await ended(client);
    await expect(client.send(success(taskToken, '2'))).rejects.toMatchObject({
      name: 'TaskTimedOut',
      message: "Task Timed Out: 'Provided task does not exist anymore'",
    });
    await expect(client.send(success('forged', '2'))).rejects.toMatchObject({
      name: 'InvalidToken',
      message: "Invalid Token: 'Invalid token'",
    });
  });
});

describe('activities', () => {
  const activityArn = `${place}:activity:chop`;
  const chopping = machine({ Chop: { Type: 'Task', Resource: activityArn, End: true } });

  test('a worker takes the task and answers it', async () => {
    const { client } = await served();
    await client.send(new CreateActivityCommand({ name: 'chop' }));
    const task = client.send(new GetActivityTaskCommand({ activityArn, workerName: 'axe' }));
    await start(client, chopping, '{"wood":3}');
    const { taskToken, input } = await task;
    expect(input).toBe('{"wood":3}');
    await client.send(new SendTaskSuccessCommand({ taskToken, output: '"chopped"' }));
    expect(await ended(client)).toMatchObject({ status: 'SUCCEEDED', output: '"chopped"' });
    expect(await types(client)).toContain('ActivityStarted');
  });

  test('a worker that hung up is given no task', async () => {
    const { client } = await served();
    await client.send(new CreateActivityCommand({ name: 'chop' }));
    const hangUp = new AbortController();
    const lost = client.send(new GetActivityTaskCommand({ activityArn }), {
      abortSignal: hangUp.signal,
    });
    lost.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    hangUp.abort();
    await expect(lost).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await start(client, chopping);
    const { taskToken } = await client.send(new GetActivityTaskCommand({ activityArn }));
    expect(taskToken).toBeDefined();
  });

  test('a minute without a task is answered without one', async () => {
    const { client } = await served({}, { clock: new VirtualClock() });
    await client.send(new CreateActivityCommand({ name: 'chop' }));
    const { taskToken, input } = await client.send(new GetActivityTaskCommand({ activityArn }));
    expect({ taskToken, input }).toEqual({ taskToken: undefined, input: undefined });
  });

  test('activities are created once, described, listed and deleted', async () => {
    const { client } = await served();
    const created = await client.send(new CreateActivityCommand({ name: 'chop' }));
    const again = await client.send(new CreateActivityCommand({ name: 'chop' }));
    expect(again).toMatchObject({ activityArn, creationDate: created.creationDate });
    const described = await client.send(new DescribeActivityCommand({ activityArn }));
    expect(described).toMatchObject({ activityArn, name: 'chop' });
    await client.send(new CreateActivityCommand({ name: 'burn' }));
    const { activities } = await client.send(new ListActivitiesCommand({}));
    expect(activities?.map(({ name }) => name)).toEqual(['burn', 'chop']);
    await client.send(new DeleteActivityCommand({ activityArn }));
    await client.send(new DeleteActivityCommand({ activityArn }));
    for (const command of [
      new DescribeActivityCommand({ activityArn }),
      new GetActivityTaskCommand({ activityArn }),
    ]) {
      await expect(client.send(command as DescribeActivityCommand)).rejects.toMatchObject({
        name: 'ActivityDoesNotExist',
        message: `Activity Does Not Exist: '${activityArn}'`,
      });
    }
    await expect(
      client.send(new CreateActivityCommand({ name: 'TestActivity InvalidName$' })),
    ).rejects.toMatchObject({
      name: 'InvalidName',
      message: "Invalid Name: 'TestActivity InvalidName$'",
    });
  });
});

describe('nested executions', () => {
  const nested = (pattern: string, more: object = {}): string =>
    machine({
      Nest: {
        Type: 'Task',
        Resource: `arn:aws:states:::states:startExecution${pattern}`,
        Parameters: {
          StateMachineArn: `${place}:stateMachine:child`,
          Name: 'kid',
          Input: { a: 1 },
          ...more,
        },
        End: true,
      },
    });

  async function withChild(definition: string, parent: string): Promise<SFNClient> {
    const { client } = await served();
    await client.send(new CreateStateMachineCommand({ name: 'child', definition, roleArn }));
    await start(client, parent);
    return client;
  }

  const output = async (client: SFNClient): Promise<unknown> =>
    JSON.parse(((await ended(client)) as { output?: string }).output ?? 'null');

  test('startExecution answers when the child has started', async () => {
    const client = await withChild(passing, nested(''));
    expect(await output(client)).toMatchObject({
      ExecutionArn: `${place}:execution:child:kid`,
      StartDate: expect.any(Number),
      SdkHttpMetadata: { HttpStatusCode: 200 },
    });
  });

  test('.sync waits and gives the output as text, .sync:2 as JSON', async () => {
    expect(await output(await withChild(passing, nested('.sync')))).toMatchObject({
      Status: 'SUCCEEDED',
      Name: 'kid',
      Input: '{"a":1}',
      Output: '{"hello":"world"}',
    });
    const client = await withChild(passing, nested('.sync:2'));
    expect(await output(client)).toMatchObject({
      Input: { a: 1 },
      Output: { hello: 'world' },
      OutputDetails: { Included: true },
    });
    expect(await types(client)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('a child that fails fails the task, its description is the cause', async () => {
    const client = await withChild(
      machine({ Stop: { Type: 'Fail', Error: 'Oh.No', Cause: 'on purpose' } }),
      nested('.sync:2'),
    );
    const { error, cause } = (await ended(client)) as { error?: string; cause?: string };
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(cause ?? '')).toMatchObject({
      Status: 'FAILED',
      Error: 'Oh.No',
      Cause: 'on purpose',
    });
  });

  test("Step Functions' own API is there for tasks, by AWS's names", async () => {
    const sdk = (api: string, Parameters: object, more: object): object => ({
      Type: 'Task',
      Resource: `arn:aws:states:::aws-sdk:sfn:${api}`,
      Parameters,
      ...more,
    });
    const child = { StateMachineArn: `${place}:stateMachine:child` };
    const none = { StateMachineArn: `${place}:stateMachine:none` };
    const ErrorEquals = ['Sfn.StateMachineDoesNotExistException'];
    const { client } = await served();
    await client.send(
      new CreateStateMachineCommand({
        ...{ name: 'child', definition: passing, roleArn, type: 'EXPRESS' },
      }),
    );
    await start(
      client,
      machine({
        Run: sdk('startSyncExecution', { ...child, Input: { a: 1 } }, { Next: 'Miss' }),
        Miss: sdk('describeStateMachine', none, {
          Catch: [{ ErrorEquals, ResultPath: '$.Missed', Next: 'Done' }],
          End: true,
        }),
        Done: { Type: 'Pass', End: true },
      }),
    );
    expect(await output(client)).toMatchObject({
      Status: 'SUCCEEDED',
      Input: '{"a":1}',
      Output: '{"hello":"world"}',
      StartDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      Missed: { Error: ErrorEquals[0] },
    });
  });

  test('a machine that is not there fails the task by name', async () => {
    const { client } = await served();
    await start(client, nested('.sync:2'));
    expect(await ended(client)).toMatchObject({
      status: 'FAILED',
      error: 'StepFunctions.StateMachineDoesNotExistException',
    });
  });

  test('a task that is given up stops the child that it waits for', async () => {
    const child = machine({ Hold: { Type: 'Wait', Seconds: 3600, End: true } });
    const parent = JSON.parse(nested('.sync:2'));
    parent.States.Nest.TimeoutSeconds = 1;
    const clock = new VirtualClock({ patience: 100 });
    const { client } = await served({}, { clock });
    await client.send(new CreateStateMachineCommand({ name: 'child', definition: child, roleArn }));
    await start(client, JSON.stringify(parent));
    expect(await ended(client)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    const kid = await client.send(
      new DescribeExecutionCommand({ executionArn: `${place}:execution:child:kid` }),
    );
    expect(kid.status).toBe('ABORTED');
  });
});
