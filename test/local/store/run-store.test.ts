import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { UsageError } from '../../../lib/errors.ts';
import { RunStore } from '../../../lib/local/store/run-store.ts';
import type { NewRun, StoredRun } from '../../../lib/local/store/stored-run.ts';
import { temporaryFolder } from './temporary-folder.ts';

function open(folder: string): RunStore {
  const store = new RunStore(folder);
  onTestFinished(() => store.close());
  return store;
}

function newRun(store: RunStore, id: string, more: Partial<NewRun> = {}): NewRun {
  return {
    workflow: 'panel',
    id,
    started: 1_000,
    input: '{"question":"why?"}',
    program: {
      workflow: {
        name: 'panel',
        description: null,
        definition: '{}',
        definitionHash: 'abc',
        functions: [],
        inputSchema: {},
      },
    },
    owner: store.owner,
    ...more,
  };
}

function add(store: RunStore, id: string, more: Partial<NewRun> = {}): StoredRun {
  return store.add(newRun(store, id, more)) as StoredRun;
}

function events(from: number, to: number): HistoryEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    id: from + index,
    previousEventId: from + index - 1,
    timestamp: 1_000 + from + index,
    type: 'PassStateEntered',
    details: { name: 'Über', input: '{"a":"\\u0000\\"{% ${x} %}"}' },
  }));
}

const failed: HistoryEvent = {
  id: 3,
  previousEventId: 2,
  timestamp: 5_000,
  type: 'ExecutionFailed',
};

describe('the run store', () => {
  it('keeps a run and its events for whoever opens it next', () => {
    const folder = temporaryFolder();
    const first = open(folder);
    const run = add(first, 'one');
    first.write(new Map([[run.key, events(1, 2)]]));
    first.write(new Map([[run.key, [failed]]]));
    first.close();
    const second = open(folder);
    const found = second.find('panel', 'one');
    expect(found).toMatchObject({ status: 'FAILED', started: 1_000, stopped: 5_000, owner: null });
    expect(second.events(run.key)).toEqual([...events(1, 2), failed]);
    expect(second.program(run.program)).toMatchObject({ workflow: { definitionHash: 'abc' } });
  });

  it('gives the events after one that stands in the middle of a batch of thousands', () => {
    const store = open(temporaryFolder());
    const { key } = add(store, 'many');
    store.write(new Map([[key, events(1, 5_000)]]));
    store.write(new Map([[key, events(5_001, 5_003)]]));
    expect(store.events(key)).toHaveLength(5_003);
    for (const after of [0, 1, 1_023, 1_024, 1_025, 4_999, 5_000, 5_002, 5_003]) {
      expect(store.events(key, after)).toEqual(events(after + 1, 5_003));
    }
  });

  it('shows events one by one to people who look with sqlite3', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    store.write(new Map([[add(store, 'one').key, events(1, 3)]]));
    const reader = new DatabaseSync(path.join(folder, 'runs.sqlite'), { readOnly: true });
    const row = reader.prepare("SELECT * FROM events WHERE run = 'one' AND id = 2").get();
    reader.close();
    expect(row).toMatchObject({ workflow: 'panel', previousEventId: 1, type: 'PassStateEntered' });
    expect(JSON.parse(String(row?.details))).toEqual(events(2, 2)[0]?.details);
  });

  it('lists newest first and finds runs by the beginning of their id', () => {
    const store = open(temporaryFolder());
    for (const id of ['ab1', 'ab2', 'ab', 'b_%']) add(store, id);
    add(store, 'ab3', { workflow: 'drafts' });
    expect(store.list(undefined, 3).map(({ id }) => id)).toEqual(['ab3', 'b_%', 'ab']);
    expect(store.list('panel', 10).map(({ id }) => id)).toEqual(['b_%', 'ab', 'ab2', 'ab1']);
    expect(store.matching('ab').map(({ id }) => id)).toEqual(['ab']);
    expect(store.matching('a').map(({ id }) => id)).toEqual(['ab3', 'ab', 'ab2', 'ab1']);
    expect(store.matching('%')).toEqual([]);
  });

  it('adds an id once per workflow', () => {
    const store = open(temporaryFolder());
    expect(store.add(newRun(store, 'x'))).toBeDefined();
    expect(store.add(newRun(store, 'x'))).toBeUndefined();
    expect(store.add(newRun(store, 'x', { workflow: 'drafts' }))).toBeDefined();
  });

  it('tells a run whose process was killed from one whose process lives', async () => {
    const folder = temporaryFolder();
    const store = open(folder);
    const other = await otherProcess(folder, 'alive');
    const run = store.find('panel', 'alive') as StoredRun;
    expect(store.isInterrupted(run)).toBe(false);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(store.isInterrupted(run)).toBe(true);
    expect(store.events(run.key)).toHaveLength(1);
  });

  it('gives an interrupted run to one of those who claim it', async () => {
    const folder = temporaryFolder();
    const other = await otherProcess(folder, 'orphan');
    other.kill('SIGKILL');
    await once(other, 'exit');
    const [one, two] = [open(folder), open(folder)];
    const run = one.find('panel', 'orphan') as StoredRun;
    expect(one.claim(run)).toBe(true);
    expect(two.claim(run)).toBe(false);
    one.noteResume(run.key, { after: 1, time: 9 });
    expect(two.resumes(run.key)).toEqual([{ after: 1, time: 9 }]);
    expect(two.isInterrupted(two.find('panel', 'orphan') as StoredRun)).toBe(false);
  });

  it('passes a request to stop on to the process that has the run', () => {
    const folder = temporaryFolder();
    const [owner, other] = [open(folder), open(folder)];
    const run = add(owner, 'x');
    other.askToStop(run, 'Enough.');
    expect(other.takeStopRequests()).toEqual([]);
    expect(owner.takeStopRequests()).toEqual([{ key: run.key, reason: 'Enough.' }]);
    expect(owner.takeStopRequests()).toEqual([]);
  });

  it('sweeps what killed processes left a day ago, and nothing that a run names', () => {
    const folder = temporaryFolder();
    const first = open(folder);
    add(first, 'open', { owner: 'named' });
    const files = ['named', 'forgotten', 'young'].map((name) =>
      path.join(folder, 'runners', `${name}.lock`),
    );
    for (const file of files) writeFileSync(file, '');
    const dayAgo = Date.now() / 1000 - 25 * 60 * 60;
    for (const file of files.slice(0, 2)) utimesSync(file, dayAgo, dayAgo);
    utimesSync(path.join(folder, 'runners', `${first.owner}.lock`), dayAgo, dayAgo);
    const second = open(folder);
    const left = [first.owner, second.owner, 'named', 'young'].map((name) => `${name}.lock`);
    expect(readdirSync(path.join(folder, 'runners')).sort()).toEqual(left.sort());
  });

  it('keeps one secret for all processes, in a file for its owner only', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    expect(store.tokenSecret).toHaveLength(64);
    expect(open(folder).tokenSecret).toBe(store.tokenSecret);
    expect(statSync(path.join(folder, 'runs.sqlite')).mode & 0o077).toBe(0);
  });

  it('rejects a file that a newer version has written', () => {
    const folder = temporaryFolder();
    const database = new DatabaseSync(path.join(folder, 'runs.sqlite'));
    database.exec('PRAGMA user_version = 7');
    database.close();
    expect(() => open(folder)).toThrow(UsageError);
    expect(() => open(folder)).toThrow(
      /has the form 7; .* knows the forms up to 1\. Use the newer/,
    );
  });

  it('rejects a file that is no database', () => {
    const folder = temporaryFolder();
    writeFileSync(
      path.join(folder, 'runs.sqlite'),
      'not a database, and long enough to be read'.repeat(9),
    );
    expect(() => open(folder)).toThrow(/runs\.sqlite is not a run store: .* Move it away/);
  });

  it('rejects a write while another process holds the file, in a full sentence', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    const blocker = new DatabaseSync(path.join(folder, 'runs.sqlite'));
    blocker.exec('BEGIN IMMEDIATE');
    onTestFinished(() => blocker.close());
    expect(() => add(store, 'x')).toThrow(
      /is locked by another process, and was not let go within 5/,
    );
    expect(store.list(undefined, 10)).toEqual([]);
  });

  it('rejects a folder that cannot be made', () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => open(path.join(file, 'below'))).toThrow(
      /cannot be opened\. Check that its folder/,
    );
  });
});

/** A process that has started a run, written an event, and waits to be killed. */
async function otherProcess(folder: string, id: string) {
  const script = `
    const { RunStore } = await import(${JSON.stringify(new URL('../../../lib/local/store/run-store.ts', import.meta.url).href)});
    const store = new RunStore(${JSON.stringify(folder)});
    const run = store.add({ workflow: 'panel', id: ${JSON.stringify(id)}, started: 1, input: '{}',
      program: { workflow: { definitionHash: 'x' } }, owner: store.owner });
    store.write(new Map([[run.key, [{ id: 1, previousEventId: 0, timestamp: 1, type: 'ExecutionStarted' }]]]));
    console.log('written');
    // Named here, so that it is not collected: its lock would go with it.
    setInterval(() => store, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}
