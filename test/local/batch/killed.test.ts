import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { type BatchProvider, startProvider } from './provider.ts';
import { five, hasty } from './workflow.ts';

const start = fileURLToPath(new URL('./start.ts', import.meta.url));

/** Runs the workflow in another process, and kills that at a moment of its own. */
async function killed(
  folder: string,
  { environment }: BatchProvider,
  until: (told: () => string) => Promise<void>,
  how = 'start',
  flow = 'five',
) {
  const flags = ['--disable-warning=ExperimentalWarning', start, folder, how, flow];
  const child = spawn(process.execPath, flags, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let told = '';
  child.stdout.on('data', (chunk) => {
    told += String(chunk);
  });
  await until(() => told);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function resumed(folder: string, { environment }: BatchProvider, flow = 'five') {
  const runner = createLocalRunner({ workflows: [five, hasty], folder, environment });
  onTestFinished(() => runner.close());
  await runner.resume(flow, 'one');
  for await (const _ of runner.events(flow, 'one'));
  return runner.get(flow, 'one');
}

const submitted = (times: number) => async (told: () => string) => {
  const count = () => told().split('TaskSubmitted').length - 1;
  await expect.poll(count, { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(times);
};
const poll = { timeout: 20_000, interval: 5 };

/** Each call was made once, and the run has all answers at what they cost. */
async function expectOnce(provider: BatchProvider, run: Awaited<ReturnType<typeof resumed>>) {
  expect(run).toMatchObject({
    status: 'SUCCEEDED',
    output: [1, 2, 3, 4, 5].map((item) => expect.stringContaining(`canary-prompt ${item}`)),
    usage: { totalTokens: provider.meter.tokens },
  });
  expect([...provider.meter.answered.values()]).toEqual([1, 1, 1, 1, 1]);
  expect(provider.sync.calls).toBe(0);
  expect(provider.meter.cancelled).toBe(0);
  await expect.poll(() => provider.meter.files, { timeout: 20_000 }).toBe(0);
}

describe('a run whose process was killed goes on, and no call is paid for twice', () => {
  it('while some calls were given to the function, and none to the provider', {
    timeout: 60_000,
  }, async () => {
    const provider = await startProvider({ latency: () => 500 });
    const folder = temporaryFolder();
    await killed(folder, provider, submitted(2));
    expect(provider.meter.created).toBe(0);
    await expectOnce(provider, await resumed(folder, provider));
  });

  it('while the provider works on the batch', { timeout: 60_000 }, async () => {
    const provider = await startProvider({ latency: () => 3_000 });
    const folder = temporaryFolder();
    await killed(folder, provider, () => expect.poll(() => provider.meter.created, poll).toBe(1));
    expect(provider.meter.answered.size).toBe(0);
    await expectOnce(provider, await resumed(folder, provider));
    expect(provider.meter.created).toBe(1);
  });

  it('when the provider is done, and nobody has asked yet', { timeout: 60_000 }, async () => {
    const provider = await startProvider({ latency: () => 300 });
    const folder = temporaryFolder();
    await killed(folder, provider, () =>
      expect.poll(() => provider.meter.answered.size, poll).toBe(5),
    );
    await expectOnce(provider, await resumed(folder, provider));
    expect(provider.meter.created).toBe(1);
  });

  it('twice, the second time while it looks for its batch', { timeout: 60_000 }, async () => {
    const provider = await startProvider({ latency: () => 300 });
    const folder = temporaryFolder();
    await killed(folder, provider, () => expect.poll(() => provider.meter.created, poll).toBe(1));
    const before = provider.looks.count;
    const looks = () => expect.poll(() => provider.looks.count, poll).toBeGreaterThan(before);
    await killed(folder, provider, looks, 'resume');
    await expectOnce(provider, await resumed(folder, provider));
    expect(provider.meter.created).toBe(1);
  });

  it('when its batch is late meanwhile: the calls are made in sync, and the batch is cancelled', {
    timeout: 90_000,
  }, async () => {
    const provider = await startProvider({ latency: () => 600_000 });
    const folder = temporaryFolder();
    const given = () => expect.poll(() => provider.meter.created, poll).toBe(1);
    await killed(folder, provider, given, 'start', 'hasty');
    // All calls were submitted before this: their nine seconds are over when the run is taken up.
    const sent = Date.now();
    await expect.poll(() => Date.now() - sent, { timeout: 30_000 }).toBeGreaterThan(9_000);
    const run = await resumed(folder, provider, 'hasty');
    expect(run.status).toBe('SUCCEEDED');
    expect(provider.sync.calls).toBe(5);
    await expect.poll(() => provider.meter.cancelled, { timeout: 20_000 }).toBe(1);
    expect(provider.meter.answered.size).toBe(0);
    await expect.poll(() => provider.meter.files, { timeout: 20_000 }).toBe(0);
  });
});
