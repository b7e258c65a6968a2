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
  'submit: 500',
  'submit: reset after it was taken',
  'fetch: 500',
  'wrong answer',
  'failed at the provider',
  'webhook: duplicate',
  'webhook: reordered',
  'webhook: lost',
  'webhook: before the submit returns',
  'webhook: forged',
  'webhook: replayed',
  'webhook: clock off',
] as const;

export type BackgroundFault = (typeof backgroundFaults)[number];

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
