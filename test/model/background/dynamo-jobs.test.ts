import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { LocalRunTable } from '../../../lib/local/run-table/local-run-table.ts';
import { runTableName } from '../../../lib/local/run-table/name.ts';
import { dynamoJobs } from '../../../lib/model/background/dynamo-jobs.ts';
import { type Job, jobId } from '../../../lib/model/background/job.ts';
import type { Jobs } from '../../../lib/model/background/jobs.ts';
import { request } from './background-desk.ts';

let jobs: Jobs;
let others: Jobs;

beforeAll(async () => {
  const table = await LocalRunTable.start();
  jobs = dynamoJobs(runTableName, 'openai', table.environment);
  others = dynamoJobs(runTableName, 'other', table.environment);
  return () => table.close();
});

function job(token: string, run = 'run'): Job {
  const turn = { run };
  return {
    id: jobId(token),
    token,
    request: request({ turn }),
    attempt: 1,
    started: 0,
    deadline: 1,
  };
}

it('adds a job once', async () => {
  const one = job('added');
  expect(await Promise.all([jobs.add(one, 5), jobs.add(one, 5)])).toContain(false);
  expect(await jobs.get(one.id)).toEqual(one);
  expect(await jobs.get('none')).toBeNull();
});

it('takes what the provider told of the attempt that is under way, and no other', async () => {
  const one = job('taken');
  await jobs.add(one, 5);
  expect(await jobs.taken({ ...one, response: 'resp_1' })).toBe(true);
  const next = { ...one, attempt: 2 };
  expect(await Promise.all([jobs.again(next), jobs.again(next)])).toEqual(
    expect.arrayContaining([true, false]),
  );
  expect(await jobs.taken({ ...one, response: 'resp_1' })).toBe(false);
  expect(await jobs.get(one.id)).toEqual(next);
  expect(await jobs.taken({ ...job('absent') })).toBe(false);
});

it('gives a job to the one who removes it', async () => {
  const one = job('removed');
  await jobs.add(one, 5);
  const removed = await Promise.all([1, 2, 3].map(() => jobs.remove(one.id)));
  expect(removed.filter((each) => each !== null)).toEqual([one]);
  await jobs.lookAgain(one.id, 7);
  expect(await jobs.get(one.id)).toBeNull();
});

it("lists a run's jobs, and those that are due, of one provider", async () => {
  const [a, b, c] = [job('a', 'listed'), job('b', 'listed'), job('c', 'elsewhere')] as const;
  const far = 1_000_000;
  await jobs.add(a, far);
  await jobs.add(b, far + 1);
  await jobs.add(c, far + 2);
  await others.add(job('d', 'listed'), far);
  expect((await jobs.ofRun('listed')).toSorted()).toEqual([a.id, b.id].toSorted());
  expect(await jobs.due(far)).toContain(a.id);
  expect(await jobs.due(far)).not.toContain(b.id);
  await jobs.lookAgain(a.id, far + 10);
  expect(await jobs.due(far + 2)).not.toContain(a.id);
});

it('fails by a name that is retried where the table cannot be reached, and tells no token', async () => {
  const gone = await LocalRunTable.start();
  const lost = dynamoJobs(runTableName, 'openai', gone.environment);
  await gone.close();
  await expect(lost.add(job('canary-token'), 5)).rejects.toThrow(
    expect.objectContaining({
      name: 'Model.Unavailable',
      message: expect.not.stringContaining('canary'),
    }),
  );
});

/** A table that does what it is asked and loses its answer; asked again, it refuses; asked for the row, it tells it. */
async function forgetful(row: Job) {
  let tries = 0;
  const server = createServer((asked, answer) => {
    asked.resume();
    tries += 1;
    if (tries === 1) return void asked.socket.destroy();
    const isRead = String(asked.headers['x-amz-target']).endsWith('GetItem');
    answer.writeHead(isRead ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' });
    const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
    const Item = { job: { S: JSON.stringify(row) } };
    answer.end(JSON.stringify(isRead ? { Item } : { __type }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${port}`;
  const keys = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  return dynamoJobs(runTableName, 'openai', { AWS_ENDPOINT_URL_DYNAMODB, ...keys });
}

it('knows its own change again whose answer was lost, and that of another one', async () => {
  const one = job('lost');
  const next = { ...one, attempt: 2 };
  expect(await (await forgetful(one)).add(one, 5)).toBe(true);
  expect(await (await forgetful({ ...one, started: 7 })).add(one, 5)).toBe(false);
  expect(await (await forgetful(next)).again(next)).toBe(true);
  expect(await (await forgetful({ ...next, started: 7 })).again(next)).toBe(false);
});
