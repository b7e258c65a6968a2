/** What both worlds run: a tree of awaitables. Times are milliseconds, ids are unique. */
export type Scenario =
  | { readonly act: number; readonly ms: number; readonly fail?: string }
  | { readonly sequence: readonly Scenario[] }
  | {
      readonly gather: readonly Scenario[];
      /** asyncio: return_exceptions=True. */
      readonly settle: boolean;
      /** asyncio: a Semaphore. */
      readonly width?: number;
      /** Seconds. asyncio: asyncio.timeout around it; when it settles, asyncio.wait with a timeout. */
      readonly timeout?: number;
      /** Seconds. asyncio: wait_for on each branch. */
      readonly branchTimeout?: number;
    }
  /** asyncio.wait(..., FIRST_COMPLETED), and the pending ones cancelled. */
  | { readonly race: readonly Scenario[]; readonly timeout?: number }
  /** asyncio.as_completed until one succeeds, and the pending ones cancelled. */
  | { readonly any: readonly Scenario[]; readonly timeout?: number }
  /** try/except, of these errors or of all. */
  | { readonly guarded: Scenario; readonly errors?: readonly string[] };

const errors = ['Red', 'Green', 'Blue'];

/**
 * Scenarios from a seed, the same on every machine. Latencies are spread so far, and nothing is done
 * at once, that no two branches end at the same moment: then the order would be an accident in both.
 */
export function scenarios(seed: number, count: number): readonly Scenario[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, () => new Maker(random).scenario(3));
}

class Maker {
  readonly #random: () => number;
  readonly #limits = new Set<number>();
  #acts = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  scenario(depth: number): Scenario {
    const kind = depth === 0 ? 0 : this.#pick(10);
    if (kind < 2) return this.#act();
    if (kind < 3) return { sequence: this.#many(depth, 1) };
    if (kind < 7) return this.#gather(depth);
    if (kind < 8) return { race: this.#many(depth, 1), ...this.#timeout() };
    if (kind < 9) return { any: this.#many(depth, 1), ...this.#timeout() };
    const errors = this.#names();
    return { guarded: this.scenario(depth - 1), ...(errors ? { errors } : {}) };
  }

  #gather(depth: number): Scenario {
    const width = this.#pick(4) === 0 ? { width: 1 + this.#pick(3) } : {};
    const branchTimeout = this.#pick(5) === 0 ? { branchTimeout: this.#limit() } : {};
    const settle = this.#pick(2) === 0;
    return { gather: this.#many(depth, 1), settle, ...width, ...branchTimeout, ...this.#timeout() };
  }

  #timeout(): { timeout?: number } {
    return this.#pick(4) === 0 ? { timeout: this.#limit() } : {};
  }

  /** Whole seconds, each once in a scenario: two limits that end together have no order either. */
  #limit(): number {
    let seconds = 1 + this.#pick(25);
    while (this.#limits.has(seconds)) seconds += 1;
    this.#limits.add(seconds);
    return seconds;
  }

  #names(): readonly string[] | null {
    return this.#pick(2) === 0 ? null : errors.filter(() => this.#pick(2) === 0).concat('Other');
  }

  #many(depth: number, least: number): Scenario[] {
    const count = least + this.#pick(4);
    return Array.from({ length: count }, () => this.scenario(depth - 1));
  }

  #act(): Scenario {
    this.#acts += 1;
    const failing = this.#pick(4) === 0 ? { fail: errors[this.#pick(3)] } : {};
    return { act: this.#acts, ms: 1 + Math.floor(this.#random() * 20_000), ...failing };
  }

  #pick(below: number): number {
    return Math.floor(this.#random() * below);
  }
}

/** A small seeded generator (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
