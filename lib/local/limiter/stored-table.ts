import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { changedRow } from '../../model/limiter/memory-table.ts';
import type { LimiterTable, Row } from '../../model/limiter/table.ts';
import { storeFailure } from '../store/store-failure.ts';

/** How long a writer waits for another process's write, in milliseconds. */
const patience = 5000;

export interface StoredTable extends LimiterTable {
  close(): void;
}

/**
 * A table in a file, `budgets.sqlite` under the folder: what was spent outlives the process, for a run
 * that is taken up again and for a day's many runs, and processes share it. A change is one transaction.
 * Rows whose `expires` (seconds since the epoch) has passed are deleted when the file is opened.
 * @throws UsageError where the file cannot be used
 */
export function storedTable(folder: string): StoredTable {
  const database = opened(path.join(folder, 'budgets.sqlite'));
  const read = database.prepare('SELECT row FROM budgets WHERE key = ?');
  const write = database.prepare('INSERT OR REPLACE INTO budgets VALUES (?, ?)');
  return {
    async change(key, change) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const row = JSON.parse(String(read.get(key)?.row ?? '{}')) as Row;
        const changed = changedRow(row, change);
        if (changed.done) write.run(key, JSON.stringify(changed.row));
        database.exec('COMMIT');
        return changed;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}

function opened(file: string): DatabaseSync {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
    const database = new DatabaseSync(file, { timeout: patience });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec('CREATE TABLE IF NOT EXISTS budgets (key TEXT PRIMARY KEY, row TEXT NOT NULL)');
    const now = Math.floor(Date.now() / 1000);
    database.prepare("DELETE FROM budgets WHERE json_extract(row, '$.expires') < ?").run(now);
    return database;
  } catch (error) {
    throw storeFailure(error, file);
  }
}
