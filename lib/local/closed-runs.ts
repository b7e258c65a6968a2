import type { LocalRun } from './local-run.ts';

/** How many runs are kept. */
const most = 8;

/** The runs that were closed last, by execution ARN. */
export class ClosedRuns {
  readonly #runs = new Map<string, LocalRun>();

  keep(arn: string, run: LocalRun): void {
    this.#runs.delete(arn);
    this.#runs.set(arn, run);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > most && oldest !== undefined) this.#runs.delete(oldest);
  }

  get(arn: string): LocalRun | undefined {
    return this.#runs.get(arn);
  }
}
