import { allLines, type LineNames, names } from './names.ts';
import type { Row } from './table.ts';

/** What a call takes. */
export interface Taken {
  /** Milliseconds of refilling. */
  readonly ms: number;
  /** How many times as fast as they refill full buckets are handed out. */
  readonly haste: number;
  /** The buckets are full. */
  readonly isFull: boolean;
}

/** A line that had so much less than another, in milliseconds of refilling, goes e times as fast. */
const noticed = 2_000;
/** It goes at most so many times as fast: nobody is starved meanwhile. */
const mostBias = 3;
/** Who comes so much later, in milliseconds, than others counts as having come with them. */
const together = 5_000;

/** In how many parts the refilling is divided for each that the caller's own line has. */
export function partsOf(row: Row, now: number, own: LineNames): number {
  return others(row, now, own).reduce((sum, line) => sum + bias(row, own, line), 1);
}

/**
 * Lines are served in turn: for each call in front in one's own line one of every other that has one, and
 * of those that have had less so many more, of `ms` of refilling each.
 */
export function servedBefore(
  row: Row,
  now: number,
  own: LineNames,
  front: number,
  ms: number,
): number {
  return others(row, now, own).reduce((sum, line) => {
    const owed = ms === 0 ? 0 : less(row, own, line) / ms;
    return sum + Math.min(Math.max(0, front + owed), waitingIn(row, now, line));
  }, front);
}

/**
 * How the account of what a line has had changes by a call. It is a time: when the buckets were full last,
 * and from there what the line's calls have taken of their refilling; so it need not be set back. A line that
 * was idle has had at least about as much as the others, for what it did not ask for is not owed to it. Runs
 * that come together when the buckets are full begin alike, though the first finds nobody to share with.
 */
export function balanced(
  row: Row,
  now: number,
  own: LineNames,
  { ms, haste, isFull }: Taken,
): { readonly add?: Row; readonly set?: Row } {
  const taken = Math.round(ms);
  const begun: Row = isFull ? { [names.begun]: now } : {};
  if (isBusy(row, now, own)) return { add: { [own.had]: taken }, set: begun };
  const since = isFull ? now : (row[names.begun] ?? 0);
  const most = Math.max(0, ...others(row, now, own).map((line) => had(row, line)));
  const least = now - since < together ? since : most - together * haste;
  const before = Math.max(since, least, row[own.had] ?? 0);
  return { set: { ...begun, [own.had]: Math.round(before) + taken } };
}

/** How much faster than the caller's own a line goes, because it has had less; below 1: slower. */
function bias(row: Row, own: LineNames, line: LineNames): number {
  return Math.min(mostBias, Math.max(1 / mostBias, Math.exp(less(row, own, line) / noticed)));
}

function less(row: Row, own: LineNames, line: LineNames): number {
  return had(row, own) - had(row, line);
}

function had(row: Row, line: LineNames): number {
  return Math.max(row[names.begun] ?? 0, row[line.had] ?? 0);
}

/** The other lines that take part. */
function others(row: Row, now: number, own: LineNames): readonly LineNames[] {
  return allLines.filter((line) => line.came !== own.came && isBusy(row, now, line));
}

/** Someone waits in it, or has a time reserved. */
function isBusy(row: Row, now: number, line: LineNames): boolean {
  return waitingIn(row, now, line) > 0 || (row[line.share] ?? 0) > now;
}

function waitingIn(row: Row, now: number, { came, went, until }: LineNames): number {
  return (row[until] ?? 0) < now ? 0 : Math.max(0, (row[came] ?? 0) - (row[went] ?? 0));
}
