import { spawn } from 'node:child_process';
import path from 'node:path';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { main } from '../../lib/cli/program.ts';

const root = path.resolve(import.meta.dirname, '../..');

test('serve answers the AWS SDK until it is told to stop', async () => {
  const child = spawn(process.execPath, ['bin/cloudgather.ts', 'serve', '--port', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const endpoint = await new Promise<string>((resolve) => {
    child.stdout.on('data', (data: Buffer) => resolve(String(data).trim()));
  });
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const client = new SFNClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'dummy', secretAccessKey: 'dummy' },
  });
  onTestFinished(() => client.destroy());
  expect((await client.send(new ListStateMachinesCommand({}))).stateMachines).toEqual([]);
  const exit = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

test('rejects a port and a Lambda endpoint that are none, and serves nothing', async () => {
  const told: string[] = [];
  const terminal = {
    out: (text: string) => void told.push(`out: ${text}`),
    err: (text: string) => void told.push(text),
    live: false,
    columns: 80,
    most: Number.POSITIVE_INFINITY,
  };
  expect(await main(['serve', '--port', '70000'], terminal)).toBe(2);
  expect(told.join('')).toContain('A port is a whole number from 0 to 65535.');
  expect(await main(['serve', '--lambda-endpoint', 'localhost'], terminal)).toBe(2);
  expect(told.join('')).toContain("but it is 'localhost'");
  expect(told.join('')).not.toContain('out:');
});
