import { SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { createCloudRunner } from '../../lib/cloud/cloud-runner.ts';
import { UsageError, WorkflowNotFound } from '../../lib/errors.ts';
import type { Runner } from '../../lib/run/runner.ts';
import { manifest } from './manifest.ts';
import {
  place,
  type StepFunctionsEndpoint,
  startStepFunctionsEndpoint,
} from './step-functions-endpoint.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

async function setUp(): Promise<{ runner: Runner; endpoint: StepFunctionsEndpoint }> {
  const endpoint = await startStepFunctionsEndpoint(1000);
  const runner = runnerAt(endpoint.url);
  closing.push(() => endpoint.close());
  return { runner, endpoint };
}

function runnerAt(endpoint: string, more: object = { credentials }): Runner {
  const client = new SFNClient({ region: 'eu-central-1', endpoint, maxAttempts: 2, ...more });
  const runner = createCloudRunner({ manifest, client, poll: { min: 5, max: 20 } });
  closing.push(
    () => runner.close(),
    () => client.destroy(),
  );
  return runner;
}

describe('the cost in requests', () => {
  it('of a start is one; of a look at a run two', async () => {
    const { runner, endpoint } = await setUp();
    const { id } = await runner.start('slow', {});
    expect(endpoint.calls).toEqual(['StartExecution']);
    await runner.get('slow', id);
    expect(endpoint.calls.slice(1).sort()).toEqual(['DescribeExecution', 'GetExecutionHistory']);
  });
});

describe('eventual consistency', () => {
  it('does not make a run unknown that was just started here', async () => {
    const { runner, endpoint } = await setUp();
    const { id } = await runner.start('slow', {});
    endpoint.fail('DescribeExecution', 'ExecutionDoesNotExist', 2);
    endpoint.fail('GetExecutionHistory', 'ExecutionDoesNotExist', 1);
    expect(await runner.get('slow', id)).toMatchObject({ id, status: 'RUNNING' });
  });
});

describe('a fault of AWS', () => {
  it('that passes is retried and not seen', async () => {
    const { runner, endpoint } = await setUp();
    endpoint.fail('ListExecutions', 'ThrottlingException', 1);
    expect(await runner.list('slow')).toEqual([]);
    expect(endpoint.calls).toHaveLength(2);
  });

  it.each([
    ['ThrottlingException', 'Cloud.Throttled', /asked too often \(ThrottlingException\)/],
    ['AccessDeniedException', 'Cloud.AccessDenied', /They need states:StartExecution on that/],
    ['ExpiredTokenException', 'Cloud.NoCredentials', /does not accept the credentials/],
    ['UnrecognizedClientException', 'Cloud.NoCredentials', /sign in again/],
    ['StateMachineDoesNotExist', 'WorkflowNotFound', /Is it deployed\?/],
    ['StateMachineDeleting', 'WorkflowNotFound', /Is it deployed\?/],
    ['InvalidExecutionInput', 'InputInvalid', /does not take the input/],
    ['KmsInvalidStateException', 'Cloud.Failed', /AWS answered KmsInvalidStateException\./],
  ])('fails a start by %s as %s, without what AWS wrote', async (error, name, message) => {
    const { runner, endpoint } = await setUp();
    endpoint.fail('StartExecution', error, 2);
    const failure = await runner.start('echo', { text: 'my secret' }).catch((e: Error) => e);
    expect(failure).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(failure).not.toHaveProperty('cause');
    expect(String(failure)).not.toMatch(/secret|message of AWS/);
  });

  it('fails as unreachable where nothing listens', async () => {
    const endpoint = await startStepFunctionsEndpoint();
    await endpoint.close();
    await expect(runnerAt(endpoint.url).list('echo')).rejects.toMatchObject({
      name: 'Cloud.Unreachable',
      message: expect.stringMatching(
        /^ListExecutions on .* in region eu-central-1 could not be reached/,
      ),
    });
  });

  it('fails as such where there are no credentials', async () => {
    const { endpoint } = await setUp();
    const nobody = () =>
      Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' }));
    await expect(
      runnerAt(endpoint.url, { credentials: nobody }).list('echo'),
    ).rejects.toMatchObject({
      name: 'Cloud.NoCredentials',
      message: expect.stringMatching(/no AWS credentials were found\. Sign in with/),
    });
  });

  it('while a run is followed fails the follower', async () => {
    const { runner, endpoint } = await setUp();
    const { id } = await runner.start('slow', {});
    const follow = async () => {
      for await (const event of runner.events('slow', id)) {
        if (event.type === 'WaitStateEntered') {
          endpoint.fail('GetExecutionHistory', 'AccessDeniedException', 1);
        }
      }
    };
    await expect(follow()).rejects.toMatchObject({ name: 'Cloud.AccessDenied' });
  });
});

describe('the manifest', () => {
  const [echo] = manifest.workflows;

  it('with a workflow that is not deployed: it is not listed, and cannot be started', async () => {
    const undeployed = { ...echo, name: 'later', stateMachineArn: undefined };
    const runner = createCloudRunner({
      manifest: { version: 1, workflows: [undeployed as typeof echo & object] },
    });
    expect(await runner.workflows()).toEqual([]);
    await expect(runner.start('later', {})).rejects.toThrow(
      'Workflow "later" is not deployed: the manifest has no state machine for it.',
    );
    await expect(runner.start('other', {})).rejects.toThrow(WorkflowNotFound);
    await runner.close();
  });

  it('rejects what is not the ARN of a state machine', () => {
    const wrong = { ...echo, stateMachineArn: 'arn:aws:lambda:eu-central-1:1:function:x' };
    const make = () =>
      createCloudRunner({ manifest: { version: 1, workflows: [wrong as typeof echo & object] } });
    expect(make).toThrow(UsageError);
    expect(make).toThrow(/is needed: write the manifest anew/);
  });

  it('tells the region, and an alias starts runs of its machine', async () => {
    const { endpoint } = await setUp();
    process.env.AWS_ACCESS_KEY_ID = 'test';
    process.env.AWS_SECRET_ACCESS_KEY = 'test';
    closing.push(() => {
      delete process.env.AWS_ACCESS_KEY_ID;
      delete process.env.AWS_SECRET_ACCESS_KEY;
    });
    const runner = createCloudRunner({ manifest, endpoint: endpoint.url });
    closing.push(() => runner.close());
    expect(await runner.list('echo')).toEqual([]);
    const alias = {
      version: 1,
      workflows: [{ ...echo, stateMachineArn: `${place}:stateMachine:echo:live` }],
    } as typeof manifest;
    const { machinesOf } = await import('../../lib/cloud/machine.ts');
    expect(machinesOf(alias).get('echo')).toMatchObject({
      executionPrefix: `${place}:execution:echo:`,
      region: 'eu-central-1',
    });
  });
});
