import type { TokenEvent } from '../run/token-event.ts';

/** The rows of a run after a position, in the order of their positions. */
export type ReadRows = (after: number) => Promise<readonly TokenEvent[]>;

/** Longer than a function takes from a position to its row: a request of each, of two seconds at most. */
const patience = 5_000;

/** Reads the tokens of a run that goes on: each call gives those that are new since the last. */
export interface TokenReader {
  /** @param isLast nothing more will be written: gaps are passed over at once. Default: false */
  read(isLast?: boolean): Promise<readonly TokenEvent[]>;
}

/**
 * Positions are taken before their rows are written, so a row may come after the next one. A gap is
 * waited for, and passed over when it is clear that nobody will fill it. A piece that was written twice
 * is told once.
 *
 * @param after the last position that is known already
 * @param now milliseconds. Default: the clock
 */
export function createTokenReader(
  readRows: ReadRows,
  after: number,
  now: () => number = () => performance.now(),
): TokenReader {
  let known = after;
  let gapSince: number | undefined;
  const told = new Map<string, number>();
  return {
    async read(isLast = false) {
      const fresh: TokenEvent[] = [];
      for (const row of await readRows(known)) {
        if (row.position > known + 1 && !isLast) {
          gapSince ??= now();
          if (now() - gapSince < patience) break;
        }
        gapSince = undefined;
        known = row.position;
        const next = told.get(row.answer) ?? row.index;
        if (row.index < next) continue;
        told.set(row.answer, row.index + 1);
        fresh.push(row);
      }
      return fresh;
    },
  };
}
