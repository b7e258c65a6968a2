/** Numbers in [0, 1), always the same ones for a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number, or the least and the most of a draw. */
export type Range = number | readonly [least: number, most: number];

/** A whole number of the range. */
export function within(range: Range, draw: () => number): number {
  if (typeof range === 'number') return range;
  const [least, most] = range;
  return least + Math.floor(draw() * (most - least + 1));
}
