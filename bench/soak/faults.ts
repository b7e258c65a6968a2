import { seededRandom } from '../../lib/testing/seeded-random.ts';

/** What can go wrong with a call that a function waits for. */
export const syncFaults = [
  '429',
  '429 without Retry-After',
  '429 with a date, clock off',
  '500',
  '503',
  'connection reset',
  'half a body',
  'invalid JSON',
  'wrong schema',
  'empty answer',
  '10-minute hang',
] as const;

export type SyncFault = (typeof syncFaults)[number];

/** What can go wrong with a call in the background: on the way in, and with the webhook. */
export const backgroundFaults = [
  'submit: 429',
  'submit: 429 at once',
  'submit: 500',
  'submit: reset after it was taken',
  'submit: 10-minute hang',
  'fetch: 500',
  'fetch: 10-minute hang',
  'never done',
  'never done, cancel: 10-minute hang',
  'wrong answer',
  'failed at the provider',
  'webhook: duplicate',
  'webhook: reordered',
  'webhook: lost',
  'webhook: before the submit returns',
  'webhook: forged',
  'webhook: replayed',
  'webhook: clock off',
  'table: unreachable',
  'table: row lost',
] as const;

export type BackgroundFault = (typeof backgroundFaults)[number];

/** What can go wrong with a line of a batch's files. */
const lineFaults = [
  'line: missing',
  'line: twice',
  'line: malformed',
  'line: of somebody else',
  'line: 429',
  'line: 500',
  'line: batch_expired',
  'line: wrong schema',
  'line: empty answer',
] as const;

/** What can go wrong with a file, a batch or its webhook. */
const wholeFaults = [
  'lines: reordered',
  'upload: refused',
  'upload: reset after it was taken',
  'create: 400',
  'create: 401',
  'create: 429',
  'create: 500, made or not',
  'create: reset after it was made',
  'create: 10-minute hang',
  'batch: failed, one line',
  'batch: failed, no line',
  'batch: token_limit_exceeded',
  'batch: expired, partly done',
  'batch: cancelled by somebody',
  'batch: later than its calls',
  'batch: gone',
  'files: broken midway',
  'look: 500',
  'webhook: duplicate',
  'webhook: early',
  'webhook: lost',
  'webhook: before the create returns',
  'webhook: forged',
  'webhook: replayed',
] as const;

/** What can go wrong on our side; what a function that is ended leaves behind is found by the next one. */
const ownFaults = ['collector: killed', 'table: unreachable'] as const;

/** What can go wrong with a call in a batch. */
export const batchFaults = [...lineFaults, ...wholeFaults, ...ownFaults] as const;

export type BatchFault = (typeof batchFaults)[number];

/** The part of these that a line can meet, and the part that a file, its batch or its webhook can. */
export function batchFaultsBy(faults: readonly BatchFault[]) {
  const among = (some: readonly BatchFault[]) => faults.filter((fault) => some.includes(fault));
  return { line: among(lineFaults), whole: among(wholeFaults), own: among(ownFaults) };
}

/** How often each fault was met: one that never is, is no test. */
export class Hits {
  readonly counts: Record<string, number>;

  constructor(faults: readonly string[]) {
    this.counts = Object.fromEntries(faults.map((fault) => [fault, 0]));
  }

  add(fault: string): void {
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
  }
}

/** A draw that is the same for the same words, in whatever order calls come. */
export function draw(seed: number, ...words: readonly (string | number)[]): () => number {
  let hash = 0x811c9dc5 ^ seed;
  for (const char of words.join('#')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return seededRandom(hash);
}

/** The fault of one request: the given one, or any of them, or none. */
export function drawnFault<F extends string>(
  random: () => number,
  faults: readonly F[],
  share: number,
): F | null {
  if (faults.length === 0) return null;
  return random() < share ? (faults[Math.floor(random() * faults.length)] as F) : null;
}
