import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { HistoryEvent } from '../../engine/history/event.ts';
import { decodeBatch, encodeBatch } from './event-batch.ts';
import { clearLease, isHeld, type Lease, sweepLeases, takeLease } from './lease.ts';
import { prepareSchema } from './schema.ts';
import { storeFailure } from './store-failure.ts';
import type { NewRun, Resume, StoredProgram, StoredRun } from './stored-run.ts';

/** How long a writer waits for another process's write, in milliseconds. */
const patience = 5000;

/** Events in one row of the journal: a reader holds one row's text at a time. */
const rowEvents = 1024;

const columns = 'key, workflow, id, status, started, stopped, input, program, owner';

/** A run by its key, or a child of a run's Distributed Map by its execution ARN. */
export type Recorded = number | string;

/** What one commit writes: the new events of each, in order. */
export type Batch = ReadonlyMap<Recorded, readonly HistoryEvent[]>;

/**
 * The runs of a project and their histories, in `runs.sqlite` under `folder`. Any number of processes
 * may use it at once. What a method has written when it returns outlives a kill of the process; of a
 * power cut, too, all but the last moments (SQLite's WAL with `synchronous = NORMAL`), and never torn.
 *
 * Every method throws UsageError, naming the file, when it is locked for over five seconds, damaged,
 * full or not writable.
 */
export class RunStore {
  readonly file: string;
  readonly #folder: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #lease: Lease | undefined;

  /** Makes the file, and its folder, where there is none. @throws UsageError, also for a newer form */
  constructor(folder: string) {
    this.#folder = folder;
    this.file = path.relative('', path.join(folder, 'runs.sqlite'));
    this.#database = this.#guard(() => {
      this.#makeFile();
      const database = new DatabaseSync(this.file, { timeout: patience });
      try {
        database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 2000');
        prepareSchema(database, this.file);
      } catch (error) {
        database.close();
        throw error;
      }
      return database;
    });
  }

  /** Prompts and answers are in it: it is for its owner's eyes. */
  #makeFile(): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      closeSync(openSync(this.file, 'a', 0o600));
    } catch {
      // SQLite tells why it cannot be opened, or opens it for reading.
    }
  }

  /** The lease of this process; taken when it is first asked for. */
  get owner(): string {
    this.#lease ??= this.#takeLease();
    return this.#lease.owner;
  }

  #takeLease(): Lease {
    const lease = this.#guard(() => takeLease(this.#folder));
    sweepLeases(
      this.#folder,
      (owner) => this.#get('SELECT 1 FROM runs WHERE owner = ? LIMIT 1', owner) !== undefined,
    );
    return lease;
  }

  /** Signs task tokens: the same in every process, so that tokens outlive the one that made them. */
  get tokenSecret(): string {
    return this.#setting('tokenSecret', randomBytes(32).toString('hex'));
  }

  /** Signs the links of this folder's runs, whichever process made them. */
  get linkSecret(): string {
    return this.#setting('linkSecret', randomBytes(32).toString('hex'));
  }

  /** Says to other processes where this one is called back, for as long as it holds runs. */
  noteDoor(url: string): void {
    for (const { name } of this.#all("SELECT name FROM settings WHERE name LIKE 'door %'")) {
      if (isHeld(this.#folder, String(name).slice(doorOf('').length))) continue;
      this.#run('DELETE FROM settings WHERE name = ?', String(name));
    }
    this.#run('INSERT OR REPLACE INTO settings VALUES (?, ?)', doorOf(this.owner), url);
  }

  /** Where the process that holds the run is called back; undefined where nobody can call it. */
  door(run: StoredRun): string | undefined {
    if (run.owner === null || !this.isHeld(run)) return undefined;
    const row = this.#get('SELECT value FROM settings WHERE name = ?', doorOf(run.owner));
    return row && String(row.value);
  }

  #setting(name: string, initial: string): string {
    this.#run('INSERT OR IGNORE INTO settings VALUES (?, ?)', name, initial);
    return String(this.#get('SELECT value FROM settings WHERE name = ?', name)?.value);
  }

  /** Adds an open run without events; undefined when the workflow has one of that id. */
  add(run: NewRun): StoredRun | undefined {
    const program = JSON.stringify(run.program);
    const hash = createHash('sha256').update(program).digest('hex');
    const { definitionHash } =
      'workflow' in run.program ? run.program.workflow : run.program.assembly;
    return this.#transaction(() => {
      this.#run('INSERT OR IGNORE INTO programs VALUES (?, ?, ?)', hash, definitionHash, program);
      const added = this.#run(
        `INSERT INTO runs (workflow, id, status, started, input, program, owner)
         VALUES (?, ?, 'RUNNING', ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        run.workflow,
        run.id,
        run.started,
        run.input,
        hash,
        run.owner,
      );
      return added === 1 ? this.find(run.workflow, run.id) : undefined;
    });
  }

  find(workflow: string, id: string): StoredRun | undefined {
    const row = this.#get(
      `SELECT ${columns} FROM runs WHERE workflow = ? AND id = ?`,
      workflow,
      id,
    );
    return row as StoredRun | undefined;
  }

  /** Runs of any workflow whose id begins so, newest first. An id that is met exactly is alone. */
  matching(prefix: string): readonly StoredRun[] {
    const exact = this.#all(`SELECT ${columns} FROM runs WHERE id = ?`, prefix);
    if (exact.length > 0) return exact as unknown as StoredRun[];
    // The last character of any id is below this one, so the index finds the range.
    return this.#all(
      `SELECT ${columns} FROM runs WHERE id >= ? AND id < ? ORDER BY key DESC`,
      prefix,
      `${prefix}\u{10ffff}`,
    ) as unknown as StoredRun[];
  }

  /** Newest first. */
  list(workflow: string | undefined, limit: number): readonly StoredRun[] {
    return this.#all(
      `SELECT ${columns} FROM runs WHERE workflow = ifnull(?, workflow) ORDER BY key DESC LIMIT ?`,
      workflow ?? null,
      limit,
    ) as unknown as StoredRun[];
  }

  /** A run's events after the one with the id `after`. */
  events(run: number, after = 0): HistoryEvent[] {
    const rows = this.#all(
      `SELECT first, events FROM journal WHERE run = ? AND first >=
         ifnull((SELECT max(first) FROM journal WHERE run = ? AND first <= ?), 0) ORDER BY first`,
      run,
      run,
      after + 1,
    );
    return rows
      .flatMap(({ first, events }) => decodeBatch(Number(first), String(events)))
      .filter(({ id }) => id > after);
  }

  /** The events of a Distributed Map's child. */
  childEvents(execution: string): HistoryEvent[] {
    return this.#all(
      'SELECT first, events FROM child_journal WHERE execution = ? ORDER BY first',
      execution,
    ).flatMap(({ first, events }) => decodeBatch(Number(first), String(events)));
  }

  /** When the run was taken up again. */
  resumes(run: number): readonly Resume[] {
    return this.#all(
      'SELECT after, time FROM resumes WHERE run = ? ORDER BY rowid',
      run,
    ) as unknown as Resume[];
  }

  program(hash: string): StoredProgram {
    const row = this.#get('SELECT program FROM programs WHERE hash = ?', hash);
    return JSON.parse(String(row?.program)) as StoredProgram;
  }

  /** Whether the run is open and the process that runs it has ended: nobody goes on with it. */
  isInterrupted(run: StoredRun): boolean {
    return run.status === 'RUNNING' && !this.isHeld(run);
  }

  /** Whether the process that holds the run lives: it goes on with it, or is about to redrive it. */
  isHeld(run: StoredRun): boolean {
    return (
      run.owner !== null && (run.owner === this.#lease?.owner || isHeld(this.#folder, run.owner))
    );
  }

  /**
   * Takes an open run over from a dead process, or a closed one up again. False when another process
   * was quicker: of any number that try, one gets it. A closed run opens with its next event.
   */
  claim(run: StoredRun): boolean {
    const claimed =
      this.#run(
        'UPDATE runs SET owner = ?, stop = NULL WHERE key = ? AND owner IS ? AND status = ?',
        this.owner,
        run.key,
        run.owner,
        run.status,
      ) === 1;
    if (claimed && run.owner !== null) this.#forget(run.owner);
    return claimed;
  }

  /** Takes away what a process left that has ended. */
  #forget(owner: string): void {
    clearLease(this.#folder, owner);
    this.#run('DELETE FROM settings WHERE name = ?', doorOf(owner));
  }

  /** Says that the run goes on in this process. */
  noteResume(run: number, { after, time }: Resume): void {
    this.#run('INSERT INTO resumes VALUES (?, ?, ?)', run, after, time);
  }

  /** Undoes a `claim` after which nothing was run. */
  disclaim(run: StoredRun): void {
    this.#run(
      'UPDATE runs SET owner = ? WHERE key = ? AND owner = ?',
      run.owner,
      run.key,
      this.owner,
    );
  }

  /** Asks the process that has the run to stop it. */
  askToStop(run: StoredRun, reason: string | undefined): void {
    this.#run(
      'UPDATE runs SET stop = ? WHERE key = ? AND owner IS NOT NULL',
      reason ?? '',
      run.key,
    );
  }

  /** What others have asked this process to stop, each told once. */
  takeStopRequests(): readonly { readonly key: number; readonly reason: string }[] {
    if (!this.#lease) return [];
    const found = this.#all(
      'SELECT key, stop AS reason FROM runs WHERE owner = ? AND stop IS NOT NULL',
      this.owner,
    );
    for (const { key } of found)
      this.#run('UPDATE runs SET stop = NULL WHERE key = ?', Number(key));
    return found as unknown as { key: number; reason: string }[];
  }

  /** Writes new events, and what they make of their runs, all or nothing. */
  write(batch: Batch): void {
    this.#transaction(() => {
      for (const [recorded, events] of batch) {
        this.#writeEvents(recorded, events);
        if (typeof recorded === 'number') this.#updateRun(recorded, events);
      }
    });
  }

  #writeEvents(recorded: Recorded, events: readonly HistoryEvent[]): void {
    const table = typeof recorded === 'number' ? 'journal' : 'child_journal';
    for (let at = 0; at < events.length; at += rowEvents) {
      const row = events.length > rowEvents ? events.slice(at, at + rowEvents) : events;
      const first = row[0]?.id as number;
      this.#run(`INSERT INTO ${table} VALUES (?, ?, ?)`, recorded, first, encodeBatch(row));
    }
  }

  /** What the events make of their run's row. */
  #updateRun(run: number, events: readonly HistoryEvent[]): void {
    const [first] = events;
    if (first?.type === 'ExecutionStarted') {
      this.#run('UPDATE runs SET started = ? WHERE key = ?', first.timestamp, run);
    }
    if (first?.type === 'ExecutionRedriven') {
      this.#run("UPDATE runs SET status = 'RUNNING', stopped = NULL WHERE key = ?", run);
    }
    const last = events.at(-1) as HistoryEvent;
    const status = closings[last.type];
    if (status === undefined) return;
    this.#run(
      'UPDATE runs SET status = ?, stopped = ?, owner = NULL, stop = NULL WHERE key = ?',
      status,
      last.timestamp,
      run,
    );
  }

  close(): void {
    if (!this.#database.isOpen) return;
    if (this.#lease) {
      this.#run('DELETE FROM settings WHERE name = ?', doorOf(this.#lease.owner));
      this.#lease.release();
    }
    this.#statements.clear();
    this.#guard(() => this.#database.close());
  }

  /** Readers and writers of other processes see all of it or none. */
  #transaction<T>(work: () => T): T {
    this.#run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#run('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #run(sql: string, ...values: (string | number | null)[]): number {
    return this.#guard(() => Number(this.#statement(sql).run(...values).changes));
  }

  #get(sql: string, ...values: (string | number | null)[]) {
    return this.#guard(() => this.#statement(sql).get(...values));
  }

  #all(sql: string, ...values: (string | number | null)[]) {
    return this.#guard(() => this.#statement(sql).all(...values));
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeFailure(error, this.file);
    }
  }
}

/** The setting that tells where a process is called back. */
function doorOf(owner: string): string {
  return `door ${owner}`;
}

const closings: Readonly<Record<string, StoredRun['status']>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};
