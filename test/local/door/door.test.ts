import { expect, it, onTestFinished } from 'vitest';
import { signedPath } from '../../../lib/callback/signed-link.ts';
import { taskCallbacks } from '../../../lib/callback/task-callbacks.ts';
import { createLocalRunner, type LocalRunner } from '../../../lib/local/local-runner.ts';
import { RunStore } from '../../../lib/local/store/run-store.ts';
import type { StoredRun } from '../../../lib/local/store/stored-run.ts';
import type { Run } from '../../../lib/run/run.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { parked, startWitness, type Told } from './parked-workflow.ts';

function open(folder: string, workflow = parked()): LocalRunner {
  const runner = createLocalRunner({ workflows: [workflow], folder, environment: {} });
  onTestFinished(() => runner.close());
  return runner;
}

async function waiting(workflow = parked()) {
  const witness = await startWitness();
  const folder = temporaryFolder();
  const runner = open(folder, workflow);
  const run = await runner.start('parked', { witness: witness.url });
  await expect.poll(() => witness.told.length).toBe(1);
  return { runner, run, folder, witness, told: witness.told[0] as Told };
}

async function ended(runner: LocalRunner, { workflow, id }: Run): Promise<Run> {
  for await (const _ of runner.events(workflow, id));
  return runner.get(workflow, id);
}

const atDoor = ({ base }: Told) =>
  taskCallbacks({
    AWS_ENDPOINT_URL_SFN: base,
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
  });

function webhook(told: Told, body: object, path = '/webhooks/openai'): Promise<Response> {
  const link = signedPath({ path, expires: null, secret: told.secret });
  return fetch(`${told.base}${link}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

it("takes the task's result by Step Functions' own protocol", async () => {
  const { runner, run, told } = await waiting();
  expect(await atDoor(told).succeed(told.token, { yes: true })).toBe(true);
  expect(await ended(runner, run)).toMatchObject({ status: 'SUCCEEDED', output: { yes: true } });
});

it("takes the task's failure, which Retry and Catch know by its name", async () => {
  const { runner, run, told } = await waiting();
  expect(await atDoor(told).fail(told.token, 'Vendor.Down', 'It is closed.')).toBe(true);
  expect(await ended(runner, run)).toMatchObject({
    status: 'FAILED',
    error: 'Vendor.Down',
    cause: 'It is closed.',
  });
});

it('takes a heartbeat, and times out without one', async () => {
  const { runner, run, told } = await waiting(parked({ HeartbeatSeconds: 1 }));
  expect(await atDoor(told).heartbeat(told.token)).toBe(true);
  expect(await ended(runner, run)).toMatchObject({
    status: 'FAILED',
    error: 'States.HeartbeatTimeout',
  });
});

it('has an answer on the disk when it says that it was taken', async () => {
  const { told, folder, run } = await waiting();
  await atDoor(told).succeed(told.token, 1);
  const store = new RunStore(folder);
  onTestFinished(() => store.close());
  const { key } = store.find('parked', run.id) as StoredRun;
  expect(store.events(key).map(({ type }) => type)).toContain('TaskSucceeded');
});

it('says of a second answer that nobody waits for it, and keeps the first', async () => {
  const { runner, run, told } = await waiting();
  await atDoor(told).succeed(told.token, 'first');
  expect(await atDoor(told).succeed(told.token, 'second')).toBe(false);
  expect(await ended(runner, run)).toMatchObject({ output: 'first' });
});

it('rejects a token that it never gave out, and does not repeat it', async () => {
  const { told } = await waiting();
  const answer = atDoor(told).succeed('forged-canary', 1);
  await expect(answer).rejects.toThrow(
    'SendTaskSuccess was not taken by Step Functions: InvalidToken.',
  );
  await expect(answer).rejects.not.toThrow('canary');
});

it('rejects an operation that is none of the three', async () => {
  const { told } = await waiting();
  const response = await fetch(told.base, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSStepFunctions.StopExecution' },
    body: '{}',
  });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ __type: 'UnknownOperationException' });
});

it('rejects a page of another site that posts an answer', async () => {
  const { told } = await waiting();
  const response = await fetch(told.base, {
    method: 'POST',
    headers: {
      'x-amz-target': 'AWSStepFunctions.SendTaskSuccess',
      origin: 'https://evil.example',
    },
    body: JSON.stringify({ taskToken: told.token, output: '1' }),
  });
  expect(response.status).toBe(403);
});

it('serves a signed webhook by its function, as API Gateway does', async () => {
  const { runner, run, told } = await waiting();
  const response = await webhook(told, { token: told.token, output: 'done' });
  expect(response.status).toBe(202);
  expect(response.headers.get('x-served')).toBe('POST /webhooks/openai');
  expect(await response.json()).toEqual({ taken: true });
  expect(await ended(runner, run)).toMatchObject({ output: { output: 'done' } });
});

it('rejects a webhook without a signature, or with that of another path', async () => {
  const { told } = await waiting();
  const bare = await fetch(`${told.base}/webhooks/openai`, { method: 'POST', body: '{}' });
  expect(bare.status).toBe(403);
  const { search } = new URL(
    signedPath({ path: '/webhooks/other', expires: null, secret: told.secret }),
    told.base,
  );
  const other = await fetch(`${told.base}/webhooks/openai${search}`, { method: 'POST' });
  expect(other.status).toBe(403);
});

it('tells other processes where it is called back, and takes that away when it ends', async () => {
  const { runner, run, told, folder } = await waiting();
  const store = new RunStore(folder);
  onTestFinished(() => store.close());
  const stored = store.find('parked', run.id) as StoredRun;
  expect(store.door(stored)).toBe(told.base);
  await runner.close();
  expect(store.door(stored)).toBeUndefined();
});
