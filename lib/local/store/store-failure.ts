import { UsageError } from '../../errors.ts';

/** SQLite's primary result codes (sqlite.org/rescode.html), and what to do about each. */
const faults: Readonly<Record<number, string>> = {
  5: 'is locked by another process, and was not let go within 5 seconds. Wait until that process is done, or end it.',
  6: 'is locked by another process, and was not let go within 5 seconds. Wait until that process is done, or end it.',
  8: 'cannot be written. Give yourself the right to write to it and to its folder.',
  10: 'cannot be read or written: the disk reports a fault. Check the disk.',
  11: 'is damaged: SQLite cannot read it. Move it away to begin a new one; the runs in it can no longer be shown.',
  13: 'cannot grow: the disk is full. Make room; what was recorded before is kept.',
  14: 'cannot be opened. Check that its folder exists and that you may write to it.',
  26: 'is not a run store: it is no SQLite database. Move it away to begin a new one.',
};

/** What SQLite refused, as a full sentence that names the file. Anything else comes back as it is. */
export function storeFailure(error: unknown, file: string): unknown {
  const { code, errcode, message } = error as {
    code?: string;
    errcode?: number;
    message?: string;
  };
  if (code === 'ERR_INVALID_STATE') {
    return new UsageError(`The run store ${file} was closed, and its runner with it.`);
  }
  if (code !== 'ERR_SQLITE_ERROR') return error;
  const fault = faults[(errcode ?? 0) & 0xff] ?? `cannot be used: ${message ?? 'unknown'}.`;
  return new UsageError(`The run store ${file} ${fault}`, { cause: error });
}
