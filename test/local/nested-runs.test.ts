import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLocalRunner, type LocalRunner } from '../../lib/local/local-runner.ts';
import type { Run } from '../../lib/run/run.ts';
import { type CountingServer, startCountingServer } from './crash/counting-server.ts';
import { nested } from './crash/nested-workflows.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const startScript = fileURLToPath(new URL('./crash/start-nested.ts', import.meta.url));

async function setUp() {
  const server = await startCountingServer();
  onTestFinished(() => server.close());
  return { server, folder: temporaryFolder() };
}

function open(folder: string, workflows = nested): LocalRunner {
  const runner = createLocalRunner({ workflows, folder, environment: {} });
  onTestFinished(() => runner.close());
  return runner;
}

async function ended(runner: LocalRunner, id: string, workflow = 'outer'): Promise<Run> {
  for await (const _ of runner.events(workflow, id));
  return runner.get(workflow, id);
}

function count({ calls }: CountingServer, step: string): number {
  return calls.filter((call) => call === step).length;
}

const output = { first: 'answer of in-first', last: 'answer of in-last' };

describe('a run that starts a run of another workflow', () => {
  it('waits for it and takes its output; both are listed, each with its own history', async () => {
    const { server, folder } = await setUp();
    const runner = open(folder);
    const { id } = await runner.start('outer', { url: server.url });
    const run = await ended(runner, id);
    expect(run).toMatchObject({ status: 'SUCCEEDED', output });
    const [child, ...others] = await runner.list('inner');
    expect(others).toEqual([]);
    expect(child).toMatchObject({ status: 'SUCCEEDED' });
    const step = run.steps.find(({ name }) => name === 'child');
    expect(step?.execution?.split(':').slice(-2)).toEqual(['inner', child!.id]);
    const inner = await runner.get('inner', child!.id);
    expect(inner.input).toMatchObject({
      url: server.url,
      AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: expect.stringMatching(`:outer:${id}$`),
    });
    expect(inner.steps.map(({ name }) => name)).toEqual(['counted', 'counted 2', 'counted 3']);
  });

  it('tells its failure by its own name and cause, without its input', async () => {
    const { server, folder } = await setUp();
    const runner = open(folder);
    // The counting server refuses this step once.
    const { id } = await runner.start('outer', { url: server.url, middle: 'flaky' });
    const run = await ended(runner, id);
    expect(run).toMatchObject({ status: 'FAILED', error: 'Flaky' });
    expect(JSON.stringify(run.status === 'FAILED' && run.cause)).not.toContain(server.url);
    expect(run.steps.find(({ name }) => name === 'child')?.error?.name).toBe('Flaky');
  });

  it('starts it anew when the run is redriven, and no other step', async () => {
    const { server, folder } = await setUp();
    const runner = open(folder);
    const { id } = await runner.start('outer', { url: server.url, middle: 'flaky' });
    await ended(runner, id);
    await runner.redrive('outer', id);
    expect(await ended(runner, id)).toMatchObject({ status: 'SUCCEEDED', output });
    expect((await runner.list('inner')).map(({ status }) => status)).toEqual([
      'SUCCEEDED',
      'FAILED',
    ]);
    expect(count(server, 'in-first')).toBe(2);
  });

  it('does not pay again for one that has succeeded when the run is redriven', async () => {
    const { server, folder } = await setUp();
    const [outer, inner] = nested;
    const failing = { ...outer!, definition: outer!.definition.replace('"after"', '"flaky"') };
    const runner = open(folder, [failing, inner!]);
    const { id } = await runner.start('outer', { url: server.url });
    expect(await ended(runner, id)).toMatchObject({ status: 'FAILED', error: 'Flaky' });
    await runner.redrive('outer', id);
    expect(await ended(runner, id)).toMatchObject({ status: 'SUCCEEDED', output });
    expect(await runner.list('inner')).toHaveLength(1);
    expect(count(server, 'in-first')).toBe(1);
  });

  it('is stopped with the run that waits for it', async () => {
    const { server, folder } = await setUp();
    const runner = open(folder);
    const { id } = await runner.start('outer', { url: server.url });
    await server.reached(3);
    await runner.stop('outer', id, 'enough');
    expect(await ended(runner, id)).toMatchObject({ status: 'ABORTED' });
    const [child] = await runner.list('inner');
    expect(await ended(runner, child!.id, 'inner')).toMatchObject({ status: 'ABORTED' });
    expect(count(server, 'in-last')).toBe(0);
  });

  it('fails the run that waits for it when it is stopped by itself', async () => {
    const { server, folder } = await setUp();
    const runner = open(folder);
    const { id } = await runner.start('outer', { url: server.url });
    await server.reached(3);
    const [child] = await runner.list('inner');
    await runner.stop('inner', child!.id);
    expect(await ended(runner, id)).toMatchObject({
      status: 'FAILED',
      error: 'States.TaskFailed',
      cause: expect.stringMatching(/execution arn:.*:inner:.* ended ABORTED/),
    });
  });

  it('goes on where it was when both lost their process', { timeout: 60_000 }, async () => {
    const { server, folder } = await setUp();
    const arguments_ = ['--disable-warning=ExperimentalWarning', startScript, server.url, folder];
    const process_ = spawn(process.execPath, [...arguments_, 'crash'], { cwd: root });
    const over = once(process_, 'exit');
    // In the middle of the slow step of the inner run.
    while (count(server, 'slow') === 0) await server.reached(server.calls.length + 1);
    process_.kill('SIGKILL');
    await over;

    const runner = open(folder);
    const [child] = await runner.list('inner');
    expect(child).toMatchObject({ status: 'RUNNING', interrupted: true });
    await runner.resume('outer', 'crash');
    expect(await ended(runner, 'crash')).toMatchObject({ status: 'SUCCEEDED', output });
    expect((await runner.list('inner')).map(({ id }) => id)).toEqual([child!.id]);
    expect(count(server, 'in-first')).toBe(1);
    expect(count(server, 'slow')).toBe(2);
    expect(count(server, 'after')).toBe(1);
  });

  it('takes its end where it had ended before the run that waits for it was resumed', async () => {
    const { server, folder } = await setUp();
    const arguments_ = ['--disable-warning=ExperimentalWarning', startScript, server.url, folder];
    const process_ = spawn(process.execPath, [...arguments_, 'crash'], { cwd: root });
    const over = once(process_, 'exit');
    while (count(server, 'slow') === 0) await server.reached(server.calls.length + 1);
    process_.kill('SIGKILL');
    await over;

    const runner = open(folder);
    const [child] = await runner.list('inner');
    await runner.resume('inner', child!.id);
    await ended(runner, child!.id, 'inner');
    await runner.resume('outer', 'crash');
    expect(await ended(runner, 'crash')).toMatchObject({ status: 'SUCCEEDED', output });
    expect(count(server, 'in-last')).toBe(1);
  });

  it('rejects a start where the workflow that it calls is not there', async () => {
    const { server, folder } = await setUp();
    const runner = open(folder, nested.slice(0, 1));
    await expect(runner.start('outer', { url: server.url })).rejects.toThrow(
      "There is no workflow 'inner'.",
    );
  });
});
