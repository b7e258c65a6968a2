/** A provider that is too full for a batch is asked again after a minute, and then later and later. */
const first = 60_000;
const longest = 1_800_000;

/** Milliseconds until jobs are collected again that the provider was too full for so often, 1 or more. */
export function pauseOf(pauses: number): number {
  return Math.min(longest, first * 2 ** (pauses - 1));
}
