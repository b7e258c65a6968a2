import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Says to other processes, for as long as this one lives, that its open runs are in good hands. */
export interface Lease {
  /** The name under which runs are held. */
  readonly owner: string;
  release(): void;
}

/**
 * A lease is a lock that the operating system holds on a file of its own (SQLite's exclusive lock, so
 * the same on every system) and drops when the process ends, however it ends. So a dead process is
 * known at once, and neither a slow one nor one that got its number is taken for it.
 */
export function takeLease(folder: string): Lease {
  const owner = randomUUID();
  mkdirSync(path.join(folder, 'runners'), { recursive: true });
  const file = fileOf(folder, owner);
  const lock = new DatabaseSync(file);
  // Nothing is ever written, so no journal file need stand beside it.
  lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  return {
    owner,
    release() {
      if (!lock.isOpen) return;
      lock.close();
      rmSync(file, { force: true });
    },
  };
}

/** Whether the process that took the lease still lives. */
export function isHeld(folder: string, owner: string): boolean {
  const file = fileOf(folder, owner);
  if (!existsSync(file)) return false;
  let probe: DatabaseSync | undefined;
  try {
    // A reader's lock: any number of probes may look at once, and only the owner keeps them out.
    probe = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    probe.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    // It may have ended, and taken its file away, between the two looks.
    return isBusy(error);
  } finally {
    probe?.close();
  }
}

/** How old a file must be to be swept: a younger one may belong to a process that is just starting. */
const sweepAge = 24 * 60 * 60 * 1000;

/** Takes away what processes left that were killed while they had no open run. */
export function sweepLeases(folder: string, isNamed: (owner: string) => boolean): void {
  for (const name of readdirSync(path.join(folder, 'runners'))) {
    const owner = path.basename(name, '.lock');
    const { mtimeMs } = statSync(fileOf(folder, owner), { throwIfNoEntry: false }) ?? {};
    if (mtimeMs === undefined || Date.now() - mtimeMs < sweepAge) continue;
    if (!isNamed(owner) && !isHeld(folder, owner)) clearLease(folder, owner);
  }
}

/** Takes away what a dead process left. */
export function clearLease(folder: string, owner: string): void {
  rmSync(fileOf(folder, owner), { force: true });
}

function fileOf(folder: string, owner: string): string {
  return path.join(folder, 'runners', `${owner}.lock`);
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode ?? 0;
  return (code & 0xff) === 5;
}
