import { expect, it, onTestFinished } from 'vitest';
import type { CompiledWorkflow } from '../../../lib/asl/compiled.ts';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { RunStore } from '../../../lib/local/store/run-store.ts';
import type { StoredRun } from '../../../lib/local/store/stored-run.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { startCountingServer } from './counting-server.ts';
import { crashing, items } from './workflow.ts';

const steps = ['first', 'left-1', 'left-2', 'slow', 'flaky', ...items, 'last'];

/** The crashing workflow without its Distributed Map, whose children have histories of their own. */
function inOneHistory(): CompiledWorkflow {
  const document = JSON.parse(crashing.definition) as {
    States: { Gather: { Branches: unknown[] } };
  };
  document.States.Gather.Branches.pop();
  return { ...crashing, definition: JSON.stringify(document) };
}

/** The events, as a run whose steps call another address has them. */
function elsewhere(events: readonly HistoryEvent[], from: string, to: string): HistoryEvent[] {
  return JSON.parse(JSON.stringify(events).replaceAll(from, to)) as HistoryEvent[];
}

/** The steps whose success stands among these events. */
function succeeded(events: readonly HistoryEvent[]): Set<string> {
  const answers = events.filter(({ type }) => type === 'LambdaFunctionSucceeded');
  return new Set(
    answers.map(({ details }) => {
      const { answer } = JSON.parse(details?.output ?? '{}') as { answer: string };
      return answer.replace(/^answer of (cut-\d+\/)?/, '');
    }),
  );
}

it('gives the same output after a crash at any event, and calls what had not succeeded once', async () => {
  const server = await startCountingServer();
  onTestFinished(() => server.close());
  const folder = temporaryFolder();
  const workflow = inOneHistory();
  const runner = createLocalRunner({ workflows: [workflow], folder, environment: {} });
  onTestFinished(() => runner.close());
  await runner.start('crashing', { url: server.url }, { id: 'whole' });
  for await (const _ of runner.events('crashing', 'whole'));

  const store = new RunStore(folder);
  onTestFinished(() => store.close());
  const whole = store.find('crashing', 'whole') as StoredRun;
  const events = store.events(whole.key);
  const cuts = events.map((_, cut) => cut);
  for (const cut of cuts) {
    const { started } = whole;
    const url = `${server.url}/cut-${cut}`;
    const input = JSON.stringify({ url });
    const program = { workflow };
    const run = store.add({
      workflow: 'crashing',
      id: `cut-${cut}`,
      started,
      input,
      program,
      owner: 'dead',
    });
    const past = elsewhere(events.slice(0, cut), server.url, url);
    if (run && past.length > 0) store.write(new Map([[run.key, past]]));
  }

  await Promise.all(cuts.map((cut) => runner.resume('crashing', `cut-${cut}`)));
  for (const cut of cuts) {
    for await (const _ of runner.events('crashing', `cut-${cut}`));
    const run = await runner.get('crashing', `cut-${cut}`);
    const gathered = ['left-2', 'slow', 'flaky', ...items];
    const answer = (step: string) =>
      expect.stringMatching(new RegExp(`^answer of (cut-${cut}/)?${step}$`));
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: { first: answer('first'), gathered: gathered.map(answer), settled: 9 },
    });
    const done = succeeded(events.slice(0, cut));
    for (const step of steps) {
      const calls = server.calls.filter((call) => call === `cut-${cut}/${step}`).length;
      expect([cut, step, calls]).toEqual([cut, step, done.has(step) ? 0 : 1]);
    }
  }
}, 60_000);
