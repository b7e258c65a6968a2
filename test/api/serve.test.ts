import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { type ApiServer, serveApi } from '../../lib/api/serve.ts';
import { RunnerInMemory } from './runner-in-memory.ts';

const run = promisify(execFile);
let server: ApiServer | undefined;
afterEach(() => server?.close());

const hasCurl = spawnSync('curl', ['--version']).status === 0;
if (!hasCurl) console.warn('Skipped: there is no curl on this machine.');

it.runIf(hasCurl)('is driven by curl: start, poll to the result', async () => {
  const runner = new RunnerInMemory();
  server = await serveApi(runner, { port: 0 });
  const curl = async (...args: string[]) => (await run('curl', ['-sS', ...args])).stdout;
  const started = await curl(
    ...['-i', '-X', 'POST', `${server.url}/workflows/panel/runs`],
    ...['-H', 'Content-Type: application/json', '-d', '{"question":"why?"}'],
  );
  expect(started).toMatch(/^HTTP\/1\.1 202 Accepted/);
  const location = /^location: (\S+)/im.exec(started)?.[1] ?? '';
  expect(JSON.parse(await curl(server.url + location))).toMatchObject({ status: 'RUNNING' });
  runner.tell(location.split('/').at(-1) ?? '', 'ExecutionSucceeded', { output: '"because"' });
  expect(JSON.parse(await curl(server.url + location))).toMatchObject({
    status: 'SUCCEEDED',
    output: 'because',
  });
  expect(await curl(`${server.url}/workflows`, '-H', 'Host: evil.example')).toContain('WrongHost');
});

it('streams over a socket before the run has ended, and its close ends the stream', async () => {
  const runner = new RunnerInMemory();
  server = await serveApi(runner, { port: 0 });
  await runner.start('panel', { question: 'x' }, { id: 'a' });
  const response = await fetch(`${server.url}/workflows/panel/runs/a/events`);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(new TextDecoder().decode(first?.value)).toContain('"type":"ExecutionStarted"');
  await server.close();
  await expect(reader?.read()).rejects.toThrow();
});

it('rejects a host that others can reach, and a port that is taken', async () => {
  const runner = new RunnerInMemory();
  const host = '0.0.0.0' as '127.0.0.1';
  await expect(serveApi(runner, { port: 0, host })).rejects.toThrow(/no authorization/);
  server = await serveApi(runner, { port: 0 });
  const port = Number(new URL(server.url).port);
  await expect(serveApi(runner, { port })).rejects.toThrow(
    `The API cannot be served on port ${port} of 127.0.0.1 (EADDRINUSE).`,
  );
});
