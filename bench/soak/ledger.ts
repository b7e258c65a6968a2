/** What the provider knows of one call, by the id in its prompt. */
export interface Entry {
  /** Requests for it that came in. */
  requests: number;
  /** Answers that told what they used, and those that never came, or so broken that nobody can read them. */
  readonly told: Use[];
  readonly untold: Use[];
  /** Answers that told it when their call had been withdrawn: a budget's, and no run's. */
  readonly late: Use[];
  /** When it may come again, by the last Retry-After. */
  closedUntil: number;
  /** Requests that came before that. */
  early: number;
  /** What the states of the workflow were told: tokens, and answers that they took. */
  ours: number;
  answers: number;
}

/** What one answer used. */
export interface Use {
  readonly input: number;
  readonly output: number;
  /** The job that it is of, in the lanes 'background' and 'batch'. */
  readonly job?: string;
  /** The share of the price that is paid. Default: 1. */
  readonly factor?: number;
}

/** Of the soak's model, in dollars for a million tokens. */
export const price = { inputPerMillion: 1, outputPerMillion: 4 };

/** The provider's book, against which our accounts are held. */
export class Ledger {
  readonly entries = new Map<string, Entry>();

  of(id: string): Entry {
    const known = this.entries.get(id);
    if (known) return known;
    const entry = {
      ...{ requests: 0, told: [], untold: [], late: [], closedUntil: 0, early: 0 },
      ...{ ours: 0, answers: 0 },
    };
    this.entries.set(id, entry);
    return entry;
  }

  sum(of: (entry: Entry) => number): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + of(entry), 0);
  }

  /**
   * What a job's last answer used was not known when its state had to be told: the state was told that it
   * is not known, and so it stays in its run's account.
   * @param known the tokens of the job's answers that the state was told
   * @param as 'late': whoever settles the job will know
   */
  unknown(id: string, job: string, known: number, as: 'untold' | 'late' = 'untold'): void {
    const { told, [as]: unknown } = this.of(id);
    const isOfJob = (use: Use) => use.job === job;
    while (tokensOf(told.filter(isOfJob)) > known) {
      unknown.push(...told.splice(told.findLastIndex(isOfJob), 1));
    }
  }
}

export function tokensOf(uses: readonly Use[]): number {
  return uses.reduce((sum, { input, output }) => sum + input + output, 0);
}

/** Billionths of a dollar, exactly. */
export function nanosOf(uses: readonly Use[]): number {
  const { inputPerMillion, outputPerMillion } = price;
  return uses.reduce(
    (sum, { input, output, factor = 1 }) =>
      sum + (input * inputPerMillion + output * outputPerMillion) * 1000 * factor,
    0,
  );
}

/** The id of a call: prompts of the soak hold it in this form. */
export function idIn(text: string): string {
  return /call-\d+-\d+/.exec(text)?.[0] ?? 'unknown';
}
