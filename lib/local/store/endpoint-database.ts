import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { HistoryEvent } from '../../engine/history/event.ts';
import { UsageError } from '../../errors.ts';
import type { EndpointStore, Table } from '../endpoint/store.ts';
import { storeFailure } from './store-failure.ts';

/** The form of the tables; `PRAGMA user_version` of a file says which one it has. */
const schemaVersion = 1;

const kinds = [
  'machines',
  'revisions',
  'versions',
  'aliases',
  'activities',
  'executions',
  'mapRuns',
] as const;

const tables = `
CREATE TABLE records (
  position INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  record TEXT NOT NULL,
  UNIQUE (kind, key)
);
CREATE TABLE events (
  execution TEXT NOT NULL,
  id INTEGER NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (execution, id)
) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/** What an endpoint needs to go on where a former process stopped. */
export interface EndpointDatabase {
  readonly store: EndpointStore;
  /** Signs task tokens; the same in every process, so that tokens that are out stay good. */
  readonly tokenSecret: string;
  close(): void;
}

/**
 * The endpoint's records and histories in one SQLite file. A write that has returned outlives a kill
 * of the process. One process at a time may use a file: two would both go on with its executions.
 * @throws UsageError, naming the file, where it is in use, damaged, newer or not writable
 */
export function openEndpointDatabase(file: string): EndpointDatabase {
  const shown = path.relative('', path.resolve(file));
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw storeFailure(error, shown);
    }
  };
  const database = guard(() => open(file, shown));
  return {
    store: databaseStore(database, guard),
    tokenSecret: guard(() => tokenSecret(database)),
    close: () => database.close(),
  };
}

/** Histories hold inputs and outputs: the file is for its owner's eyes. */
function open(file: string, shown: string): DatabaseSync {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // An exclusive lock is held until the file is closed; the first write takes it.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE');
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
    if (version > schemaVersion) {
      throw new UsageError(
        `The endpoint's store ${shown} has the form ${version}; this version of Cloudgather knows the forms up to ${schemaVersion}. Use the newer version, or name another file.`,
      );
    }
    if (version === 0) database.exec(`${tables} PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function tokenSecret(database: DatabaseSync): string {
  database
    .prepare("INSERT OR IGNORE INTO settings VALUES ('token secret', ?)")
    .run(randomBytes(32).toString('hex'));
  const row = database.prepare("SELECT value FROM settings WHERE name = 'token secret'").get();
  return String(row?.value);
}

type Guard = <T>(work: () => T) => T;

function databaseStore(database: DatabaseSync, guard: Guard): EndpointStore {
  const insert = database.prepare('INSERT OR REPLACE INTO events VALUES (?, ?, ?)');
  const select = database.prepare('SELECT event FROM events WHERE execution = ? ORDER BY id');
  const remove = database.prepare('DELETE FROM events WHERE execution = ?');
  const records = Object.fromEntries(
    kinds.map((kind) => [kind, databaseTable(database, kind, guard)]),
  ) as unknown as Pick<EndpointStore, (typeof kinds)[number]>;
  return {
    durable: true,
    ...records,
    append(executionArn, event) {
      guard(() => insert.run(executionArn, event.id, JSON.stringify(event)));
    },
    history: (executionArn) =>
      guard(() =>
        select.all(executionArn).map((row) => JSON.parse(String(row.event)) as HistoryEvent),
      ),
    forget(executionArn) {
      guard(() => remove.run(executionArn));
    },
  };
}

function databaseTable<T>(database: DatabaseSync, kind: string, guard: Guard): Table<T> {
  const get = database.prepare('SELECT record FROM records WHERE kind = ? AND key = ?');
  const put = database.prepare(
    'INSERT INTO records (kind, key, record) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET record = excluded.record',
  );
  const remove = database.prepare('DELETE FROM records WHERE kind = ? AND key = ?');
  const all = database.prepare('SELECT record FROM records WHERE kind = ? ORDER BY position');
  const read = (row: unknown): T => JSON.parse((row as { record: string }).record) as T;
  return {
    get(key) {
      const row = guard(() => get.get(kind, key));
      return row === undefined ? undefined : read(row);
    },
    put(key, record) {
      guard(() => put.run(kind, key, JSON.stringify(record)));
    },
    delete(key) {
      guard(() => remove.run(kind, key));
    },
    all: () => guard(() => all.all(kind).map(read)),
  };
}
