import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { RunStore } from '../../../lib/local/store/run-store.ts';
import { runOf } from '../../../lib/local/stored-history.ts';
import type { Run } from '../../../lib/run/run.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { before, leastCalls, output } from './workflow.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startScript = fileURLToPath(new URL('./start.ts', import.meta.url));

const seeds = [1, 2, 3, 4, 5, 6, 7];
/** Kills of one run, one after the other, before it is let go on to its end. */
const killsOfRun = 4;

describe('a run whose process is killed at any moment', () => {
  it.for(seeds)(
    'gives the output of one without a crash, and calls no succeeded step twice (seed %i)',
    {
      timeout: 120_000,
    },
    async (seed) => {
      const random = seeded(seed);
      const server = await startCountingServer();
      onTestFinished(() => server.close());
      const folder = temporaryFolder();
      const seen: Seen[] = [];
      for (let kill = 0; kill < killsOfRun; kill += 1) {
        const child = launch(server, folder);
        const ended = once(child, 'exit');
        // After one of the next calls, and a moment; or, with no further call, while it only starts.
        const next = server.calls.length + Math.floor(random() * 6);
        await Promise.race([server.reached(next), ended]);
        await sleep(random() * 40);
        child.kill('SIGKILL');
        await ended;
        const found = look(folder, server);
        if (found) seen.push(found);
      }
      await finish(server, folder);

      const { run } = look(folder, server) as Seen;
      expect(run).toMatchObject({ status: 'SUCCEEDED', output });
      expect(run.steps.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
      const final = countsOf(server.calls);
      for (const { succeeded, counts } of seen) {
        for (const step of succeeded)
          expect([step, final.get(step)]).toEqual([step, counts.get(step)]);
      }
    },
  );

  it('leaves nothing to resume when it had ended', async () => {
    const server = await startCountingServer();
    onTestFinished(() => server.close());
    const folder = temporaryFolder();
    await finish(server, folder);
    expect(server.calls).toHaveLength(leastCalls);
    const again = commandLine(folder, ['resume', 'crash']);
    const told = text(again.stderr as NodeJS.ReadableStream);
    await once(again, 'exit');
    expect(again.exitCode).toBe(2);
    expect(await told).toContain(
      "Workflow 'crashing' has a run 'crash' which is closed (SUCCEEDED).",
    );
    expect(server.calls).toHaveLength(leastCalls);
  });
});

/** What the store and the witness knew at one moment. */
interface Seen {
  readonly run: Run;
  readonly succeeded: ReadonlySet<string>;
  readonly counts: ReadonlyMap<string, number>;
}

/** Reads the store after a kill and holds it to the witness; undefined where the run is not in it. */
function look(folder: string, server: CountingServer): Seen | undefined {
  if (!existsSync(path.join(folder, 'runs.sqlite'))) return undefined;
  checkIntegrity(folder);
  const store = new RunStore(folder);
  try {
    const stored = store.find('crashing', 'crash');
    if (!stored) {
      expect(server.calls).toEqual([]);
      return undefined;
    }
    const histories = [store.events(stored.key), ...childHistories(folder, store)];
    for (const events of histories) checkChain(events);
    const succeeded = succeededSteps(histories);
    for (const step of server.calls) {
      for (const earlier of before[step] ?? [])
        expect(succeeded, `when ${step} ran`).toContain(earlier);
    }
    const run = runOf(store, stored);
    if (run.status === 'RUNNING') expect(run.interrupted).toBe(true);
    return { run, succeeded, counts: countsOf(server.calls) };
  } finally {
    store.close();
  }
}

/** The histories of the children of the Distributed Map. */
function childHistories(folder: string, store: RunStore): HistoryEvent[][] {
  const database = new DatabaseSync(path.join(folder, 'runs.sqlite'));
  const rows = database.prepare('SELECT DISTINCT execution FROM child_journal').all();
  database.close();
  return rows.map(({ execution }) => store.childEvents(String(execution)));
}

function checkIntegrity(folder: string): void {
  const database = new DatabaseSync(path.join(folder, 'runs.sqlite'));
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
}

function checkChain(events: readonly HistoryEvent[]): void {
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  for (const { id, previousEventId } of events) expect(previousEventId).toBeLessThan(id);
}

/** The steps whose success is recorded, by the name that they gave the witness. */
function succeededSteps(histories: readonly (readonly HistoryEvent[])[]): Set<string> {
  const steps = new Set<string>();
  for (const events of histories) {
    for (const event of events) {
      if (event.type !== 'LambdaFunctionSucceeded') continue;
      const step = stepOf(event, events);
      expect(steps, `${step} succeeded twice`).not.toContain(step);
      steps.add(step);
    }
  }
  return steps;
}

function stepOf(event: HistoryEvent, events: readonly HistoryEvent[]): string {
  let scheduled: HistoryEvent | undefined = event;
  while (scheduled && scheduled.type !== 'LambdaFunctionScheduled') {
    scheduled = events[scheduled.previousEventId - 1];
  }
  return (JSON.parse(scheduled?.details?.input ?? '{}') as { step: string }).step;
}

function countsOf(calls: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return counts;
}

/** A process that starts the run, or, once it is in the store, goes on with it. */
function launch(server: CountingServer, folder: string): ChildProcess {
  if (look(folder, server)) return commandLine(folder, ['resume', 'crash', '--json']);
  return spawn(process.execPath, [startScript, server.url, folder, 'crash'], {
    cwd: root,
    stdio: 'ignore',
  });
}

function commandLine(folder: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [path.join(root, 'bin', 'cloudgather.ts'), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', CLOUDGATHER_RUNS: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Goes on until the run has ended, without another kill. */
async function finish(server: CountingServer, folder: string): Promise<void> {
  if (look(folder, server)?.run.status === 'SUCCEEDED') return;
  const child = launch(server, folder);
  onTestFinished(() => void child.kill('SIGKILL'));
  const told = child.stderr ? text(child.stderr) : Promise.resolve('');
  await once(child, 'exit');
  expect([child.exitCode, await told]).toEqual([0, '']);
}

/** Mulberry32: a small generator, the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
