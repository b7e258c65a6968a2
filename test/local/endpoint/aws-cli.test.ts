import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lambdaEndpoint } from '../../../lib/local/integrations/lambda-endpoint.ts';
import { invokeApi } from './invoke-api.ts';
import { failing, machine, passing, place, roleArn, served } from './served.ts';

const run = promisify(execFile);

const version = await run('aws', ['--version']).then(
  ({ stdout, stderr }) => (stdout || stderr).trim(),
  () => undefined,
);

if (version === undefined) {
  test.skip('the AWS CLI drives the endpoint: there is no `aws` on this machine', () => {});
}

/** `aws stepfunctions <args>` against an endpoint, with dummy keys; gives its JSON. */
function cli(url: string): (...args: readonly string[]) => Promise<Record<string, unknown>> {
  return async (...args) => {
    const { stdout } = await run('aws', ['stepfunctions', '--endpoint-url', url, ...args], {
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'dummy',
        AWS_SECRET_ACCESS_KEY: 'dummy',
        AWS_DEFAULT_REGION: 'eu-central-1',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  };
}

const stateMachineArn = `${place}:stateMachine:m`;
const executionArn = `${place}:execution:m:one`;
const machineArgs = ['--name', 'm', '--role-arn', roleArn, '--definition'];

// Each call starts a Python process: a busy machine takes its time.
const patient = { timeout: 180_000 };

describe.runIf(version !== undefined)(
  `the AWS CLI drives the endpoint (${version})`,
  patient,
  () => {
    test('create-state-machine, start-execution, describe-execution, get-execution-history', async () => {
      const { url } = await served();
      const aws = cli(url);
      const folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const file = path.join(folder, 'machine.json');
      writeFileSync(file, passing);
      const created = await aws('create-state-machine', ...machineArgs, `file://${file}`);
      expect(created.stateMachineArn).toBe(stateMachineArn);
      const started = await aws(
        ...['start-execution', '--state-machine-arn', stateMachineArn],
        ...['--name', 'one', '--input', '{"a": 1}'],
      );
      expect(started.executionArn).toBe(executionArn);
      const described = await aws('describe-execution', '--execution-arn', executionArn);
      expect(described).toMatchObject({ status: 'SUCCEEDED', output: '{"hello":"world"}' });
      const { events } = await aws(
        ...['get-execution-history', '--execution-arn', executionArn],
        ...['--page-size', '3', '--reverse-order'],
      );
      expect((events as { id: number }[]).map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    });

    test('list-state-machines and list-executions page by page', async () => {
      const { url } = await served();
      const aws = cli(url);
      await aws('create-state-machine', ...machineArgs, passing);
      for (const name of ['one', 'two', 'three'])
        await aws('start-execution', '--state-machine-arn', stateMachineArn, '--name', name);
      const list = ['list-executions', '--state-machine-arn', stateMachineArn];
      const first = await aws(...list, '--max-items', '2');
      expect((first.executions as { name: string }[]).map(({ name }) => name)).toEqual([
        'three',
        'two',
      ]);
      const rest = await aws(...list, '--starting-token', first.NextToken as string);
      expect((rest.executions as { name: string }[]).map(({ name }) => name)).toEqual(['one']);
      const { stateMachines } = await aws('list-state-machines');
      expect(stateMachines).toHaveLength(1);
    });

    test('redrive-execution, stop-execution, and an error told by its name', async () => {
      const { url } = await served();
      const aws = cli(url);
      await aws('create-state-machine', ...machineArgs, failing);
      await aws('start-execution', '--state-machine-arn', stateMachineArn, '--name', 'one');
      await aws('redrive-execution', '--execution-arn', executionArn);
      const described = await aws('describe-execution', '--execution-arn', executionArn);
      expect(described).toMatchObject({ status: 'FAILED', error: 'Oh.No', redriveCount: 1 });
      expect(await aws('stop-execution', '--execution-arn', executionArn)).toHaveProperty(
        'stopDate',
      );
      const none = aws('describe-execution', '--execution-arn', `${place}:execution:m:none`);
      await expect(none).rejects.toThrow(
        `An error occurred (ExecutionDoesNotExist) when calling the DescribeExecution operation: Execution Does Not Exist: '${place}:execution:m:none'`,
      );
    });

    test('send-task-success and an activity', async () => {
      const tokens: string[] = [];
      const functions = lambdaEndpoint(
        await invokeApi({ ask: (event) => tokens.push((event as { token: string }).token) }),
      );
      const { url } = await served({ functions });
      const aws = cli(url);
      const activityArn = `${place}:activity:chop`;
      await aws('create-activity', '--name', 'chop');
      const asking = machine({
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
          Next: 'Chop',
        },
        Chop: { Type: 'Task', Resource: activityArn, End: true },
      });
      await aws('create-state-machine', ...machineArgs, asking);
      await aws('start-execution', '--state-machine-arn', stateMachineArn, '--name', 'one');
      await aws('send-task-success', '--task-token', tokens[0] ?? '', '--task-output', '"yes"');
      const task = await aws('get-activity-task', '--activity-arn', activityArn);
      expect(task.input).toBe('"yes"');
      await aws('send-task-heartbeat', '--task-token', task.taskToken as string);
      await aws(
        ...['send-task-failure', '--task-token', task.taskToken as string],
        ...['--error', 'Blunt', '--cause', 'the axe'],
      );
      const described = await aws('describe-execution', '--execution-arn', executionArn);
      expect(described).toMatchObject({ status: 'FAILED', error: 'Blunt', cause: 'the axe' });
    });

    test('test-state', async () => {
      const { url } = await served();
      const definition = JSON.stringify({ Type: 'Pass', Result: { hello: 'you' }, Next: 'On' });
      // The CLI puts 'sync-' before the host's name; a user name in the URL takes the prefix instead.
      const aws = cli(url.replace('//', '//local@'));
      const args = ['test-state', '--definition', definition, '--role-arn', roleArn];
      expect(await aws(...args, '--inspection-level', 'DEBUG')).toEqual({
        status: 'SUCCEEDED',
        output: '{"hello":"you"}',
        nextState: 'On',
        inspectionData: {
          input: '{}',
          result: '{"hello":"you"}',
          afterResultSelector: '{"hello":"you"}',
          afterResultPath: '{"hello":"you"}',
        },
      });
    });
  },
);
