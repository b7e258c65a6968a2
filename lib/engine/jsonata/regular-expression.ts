import { Script } from 'node:vm';

/** A pattern whose cost cannot be told from its text may run so long, on this thread's processor. */
const MILLISECONDS = 250;
/** How often a match is tried, each time twice as long, that the clock ended before half of that was used. */
const TRIES = 5;
/** Up to so many steps, by the estimate below, a match is not worth guarding. */
const CHEAP = 5_000_000;

const call = new Script('globalThis[Symbol.for("cloudgather.regular-expression")]()');
const SLOT = Symbol.for('cloudgather.regular-expression');

/**
 * The RegExp that JSONata evaluates with: the same results, but a match that backtracks without end
 * (`/(a+)+$/`) fails after a quarter of a second instead of hanging the process. V8 ends it by the
 * timeout of `node:vm`, which reaches into the regular expression engine; a plain timer could not. That
 * timeout is by the clock: on a machine that is too busy to run this thread, the match is tried again.
 */
export class BoundedRegExp extends RegExp {
  private readonly unbounded: number;

  constructor(pattern: RegExp) {
    super(pattern);
    this.unbounded = unboundedRepetitions(pattern.source);
  }

  override exec(text: string): RegExpExecArray | null {
    if ((text.length + 1) ** (this.unbounded + 1) <= CHEAP) {
      return super.exec(text);
    }
    const from = this.lastIndex;
    return withTimeout(() => {
      this.lastIndex = from;
      return super.exec(text);
    });
  }
}

/**
 * How many repetitions without an upper bound the pattern has, or Infinity where they may nest or a
 * back reference makes the count meaningless. A text of n characters then takes about n^(count+1) steps.
 */
function unboundedRepetitions(source: string): number {
  const bare = source.replace(/\\[^1-9k]/g, 'x').replace(/\[(?:\\.|[^\]\\])*\]/g, 'x');
  if (/\\[1-9k]|\)[*+?{]/.test(bare)) {
    return Number.POSITIVE_INFINITY;
  }
  return (bare.match(/[*+?]|\{\d+,?\d*\}/g) ?? []).length;
}

function withTimeout(match: () => RegExpExecArray | null): RegExpExecArray | null {
  const global = globalThis as { [SLOT]?: () => RegExpExecArray | null };
  global[SLOT] = match;
  try {
    for (let again = 1; ; again += 1) {
      const before = process.threadCpuUsage();
      try {
        return call.runInThisContext({
          timeout: MILLISECONDS * 2 ** (again - 1),
        }) as RegExpExecArray | null;
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
        const { user, system } = process.threadCpuUsage(before);
        if (again < TRIES && user + system < (MILLISECONDS * 1000) / 2) continue;
        throw new Error(
          'Expression evaluation timeout: Check for a regular expression that backtracks without end',
        );
      }
    }
  } finally {
    delete global[SLOT];
  }
}
