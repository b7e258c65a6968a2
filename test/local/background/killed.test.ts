import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { startProvider } from './provider.ts';
import { long } from './workflow.ts';

const start = fileURLToPath(new URL('./start.ts', import.meta.url));

/** Runs the workflow in another process, and kills that when its call has been given to the provider. */
async function killedWhileItWaits(folder: string, environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', start, folder], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let told = '';
  for await (const chunk of child.stdout) {
    told += String(chunk);
    if (told.includes('TaskSubmitted')) break;
  }
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

it('goes on after its process was killed, and its call was paid for once', {
  timeout: 60_000,
}, async () => {
  const provider = await startProvider({ latency: () => 1_500 });
  const folder = temporaryFolder();
  await killedWhileItWaits(folder, provider.environment);
  expect(provider.meter.submitted).toBe(1);

  const { environment } = provider;
  const runner = createLocalRunner({ workflows: [long], folder, environment });
  onTestFinished(() => runner.close());
  await runner.resume('long', 'one');
  for await (const _ of runner.events('long', 'one'));
  const run = await runner.get('long', 'one');
  expect(run).toMatchObject({
    status: 'SUCCEEDED',
    output: expect.stringContaining('Scripted answer of gpt-5-mini'),
    usage: { totalTokens: provider.meter.tokens },
  });
  expect(provider.meter).toMatchObject({ submitted: 1, completed: 1, cancelled: 0 });
});
