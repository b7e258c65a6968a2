import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openEndpointDatabase } from '../../../lib/local/store/endpoint-database.ts';

function temporaryFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-endpoint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return path.join(folder, 'endpoint.sqlite');
}

/** `cloudgather serve` as a process of its own on the file, and a client of it. */
async function served(store: string) {
  const args = ['--disable-warning=ExperimentalWarning', 'bin/cloudgather.ts', 'serve'];
  const child = spawn(process.execPath, [...args, '--port', '0', '--store', store]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  const endpoint = line.toString().trim();
  return { child, client: new SFNClient({ endpoint, region: 'us-east-1', credentials }) };
}

describe("an endpoint's database", () => {
  it('lets the next process go on with an execution when one is killed', async () => {
    const file = temporaryFile();
    const first = await served(file);
    const definition = JSON.stringify({
      StartAt: 'Wait',
      States: { Wait: { Type: 'Wait', Seconds: 2, Next: 'Done' }, Done: { Type: 'Succeed' } },
    });
    const roleArn = 'arn:aws:iam::123456789012:role/x';
    const { stateMachineArn } = await first.client.send(
      new CreateStateMachineCommand({ name: 'waits', definition, roleArn }),
    );
    const { executionArn } = await first.client.send(
      new StartExecutionCommand({ stateMachineArn, name: 'one', input: '{"a":1}' }),
    );
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const { client } = await served(file);
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map(({ name }) => name)).toEqual(['waits']);
    const describeOne = () => client.send(new DescribeExecutionCommand({ executionArn }));
    while ((await describeOne()).status === 'RUNNING') await new Promise((r) => setTimeout(r, 50));
    expect(await describeOne()).toMatchObject({ status: 'SUCCEEDED', output: '{"a":1}' });
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events?.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'WaitStateEntered',
      'WaitStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('keeps records in the order of their keys, and histories, for its owner alone', () => {
    const file = temporaryFile();
    const first = openEndpointDatabase(file);
    const activity = (name: string) => ({ arn: name, name, creationDate: 1, tags: {} });
    for (const name of ['b', 'a', '__proto__']) first.store.activities.put(name, activity(name));
    first.store.activities.put('b', { ...activity('b'), creationDate: 2 });
    first.store.activities.delete('a');
    const event = { id: 1, previousEventId: 0, timestamp: 5, type: 'ExecutionStarted' };
    first.store.append('x', event);
    first.close();
    const second = openEndpointDatabase(file);
    onTestFinished(() => second.close());
    expect([...second.store.activities.all()]).toEqual([
      { ...activity('b'), creationDate: 2 },
      activity('__proto__'),
    ]);
    expect(second.store.history('x')).toEqual([event]);
    second.store.forget('x');
    expect(second.store.history('x')).toEqual([]);
    expect(second.tokenSecret).toBe(first.tokenSecret);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('rejects a file that another process uses, and one that is no database', () => {
    const file = temporaryFile();
    const holder = openEndpointDatabase(file);
    onTestFinished(() => holder.close());
    expect(() => openEndpointDatabase(file)).toThrow(
      /endpoint\.sqlite is locked by another process/,
    );
    const text = temporaryFile();
    writeFileSync(text, 'a letter, not a database. '.repeat(100));
    expect(() => openEndpointDatabase(text)).toThrow(/is no SQLite database/);
  });
});
