import type { DatabaseSync } from 'node:sqlite';
import { UsageError } from '../../errors.ts';

/** The form of the tables below; `PRAGMA user_version` of a file says which one it has. */
export const schemaVersion = 1;

/**
 * `journal` keeps the events of a run in batches, one row for each commit: a row for each event would
 * cost more than running the step. The view `events` shows them one by one, for people with `sqlite3`.
 * `child_journal` is the same for the children of Distributed Maps, by their execution ARNs.
 */
const tables = `
CREATE TABLE programs (
  hash TEXT PRIMARY KEY,
  definition_hash TEXT NOT NULL,
  program TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (
  key INTEGER PRIMARY KEY,
  workflow TEXT NOT NULL,
  id TEXT NOT NULL,
  status TEXT NOT NULL,
  started INTEGER NOT NULL,
  stopped INTEGER,
  input TEXT NOT NULL,
  program TEXT NOT NULL REFERENCES programs (hash),
  owner TEXT,
  stop TEXT,
  UNIQUE (workflow, id)
);
CREATE INDEX runs_by_id ON runs (id);
CREATE INDEX stops ON runs (owner) WHERE stop IS NOT NULL;
CREATE TABLE journal (
  run INTEGER NOT NULL,
  first INTEGER NOT NULL,
  events TEXT NOT NULL,
  PRIMARY KEY (run, first)
);
CREATE TABLE child_journal (
  execution TEXT NOT NULL,
  first INTEGER NOT NULL,
  events TEXT NOT NULL,
  PRIMARY KEY (execution, first)
);
CREATE TABLE resumes (
  run INTEGER NOT NULL,
  after INTEGER NOT NULL,
  time INTEGER NOT NULL
);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE VIEW events AS
  SELECT runs.workflow, runs.id AS run, journal.first + batch.key AS id,
    json_extract(batch.value, '$[0]') AS previousEventId,
    json_extract(batch.value, '$[1]') AS timestamp,
    json_extract(batch.value, '$[2]') AS type,
    json_extract(batch.value, '$[3]') AS details
  FROM journal JOIN runs ON runs.key = journal.run, json_each(journal.events) AS batch;
`;

/** Makes the tables in a new file. @throws UsageError for a file that a newer version has written */
export function prepareSchema(database: DatabaseSync, file: string): void {
  const version = versionOf(database);
  if (version === schemaVersion) return;
  if (version > schemaVersion) {
    throw new UsageError(
      `The run store ${file} has the form ${version}; this version of Cloudgather knows the forms up to ${schemaVersion}. ` +
        'Use the newer version that wrote it, or move the file away to begin a new one.',
    );
  }
  // Two processes may begin at once: whoever comes second finds the tables.
  // Pages of 8 KB write a fan-out's batches in half the time of SQLite's 4 KB.
  database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL');
  database.exec('BEGIN IMMEDIATE');
  try {
    if (versionOf(database) === 0)
      database.exec(`${tables} PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  const row = database.prepare('PRAGMA user_version').get();
  return Number(row?.user_version ?? 0);
}
