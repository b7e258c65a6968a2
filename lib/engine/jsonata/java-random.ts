const MULTIPLIER = 0x5deece66dn;
const MASK = (1n << 48n) - 1n;

/**
 * java.util.Random, whose numbers AWS gives for a seed: `$random(42)` is 0.7275636800328681 and
 * `States.MathRandom(1, 1000, 42)` repeats. The seed is a 64-bit integer.
 */
export class JavaRandom {
  private state: bigint;

  constructor(seed: bigint) {
    this.state = (BigInt.asUintN(64, seed) ^ MULTIPLIER) & MASK;
  }

  /** [0, 1) */
  nextDouble(): number {
    const high = BigInt.asUintN(26, this.next(26));
    const low = BigInt.asUintN(27, this.next(27));
    return Number((high << 27n) + low) * 2 ** -53;
  }

  /** [0, bound), bound at most 2^31-1. */
  nextInt(bound: number): number {
    if ((bound & -bound) === bound) {
      return Number(BigInt.asIntN(32, (BigInt(bound) * this.next(31)) >> 31n));
    }
    for (;;) {
      const bits = Number(this.next(31));
      const value = bits % bound;
      if (bits - value + (bound - 1) <= 0x7fff_ffff) {
        return value;
      }
    }
  }

  private next(bits: number): bigint {
    this.state = (this.state * MULTIPLIER + 0xbn) & MASK;
    return this.state >> BigInt(48 - bits);
  }
}
