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
  return random() < share ? (faults[Math.floor(random() * faults.length)] as F) : null;
}
