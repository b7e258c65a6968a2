/** What the provider knows of one call, by the id in its prompt. */
export interface Entry {
  /** Requests for it that came in. */
  requests: number;
  /** Tokens of answers that told them. */
  told: number;
  /** Tokens of answers that never came, or came so broken that nobody can read them. */
  untold: number;
  /** When it may come again, by the last Retry-After. */
  closedUntil: number;
  /** Requests that came before that. */
  early: number;
  /** What the states of the workflow were told: tokens, and answers that they took. */
  ours: number;
  answers: number;
}

/** The provider's book, against which our accounts are held. */
export class Ledger {
  readonly entries = new Map<string, Entry>();

  of(id: string): Entry {
    const known = this.entries.get(id);
    if (known) return known;
    const entry = {
      ...{ requests: 0, told: 0, untold: 0, closedUntil: 0, early: 0 },
      ...{ ours: 0, answers: 0 },
    };
    this.entries.set(id, entry);
    return entry;
  }

  sum(of: (entry: Entry) => number): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + of(entry), 0);
  }
}

/** The id of a call: prompts of the soak hold it in this form. */
export function idIn(text: string): string {
  return /call-\d+-\d+/.exec(text)?.[0] ?? 'unknown';
}
