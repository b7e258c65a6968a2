import { type Duration, longestWaitSeconds, seconds } from './duration.ts';
import type { Node, Value } from './graph.ts';
import { checkOptions } from './options.ts';
import { Step } from './step.ts';
import type { Symbolic } from './symbolic.ts';
import { type Shape, symbolicInfo } from './symbolic-value.ts';
import type { Scope } from './trace.ts';
import { toValue } from './value.ts';

export interface SleepOptions {
  /** The name of the wait's state. Default 'sleep'. */
  readonly name?: string;
}

/**
 * Waits: asyncio.sleep, without anything that runs or is paid meanwhile.
 *
 * - Result: null.
 * - First failure: a symbolic number that is no whole number from 0 on fails the run; no `catch` can
 *   take it (Step Functions has none on a Wait).
 * - Siblings: not touched.
 * - Deadline: ended early only by the deadline of a gather around it.
 * - Empty input: `sleep(0)` is refused; a symbolic 0 does not wait.
 * - Limits: 1 second to 99,999,999 seconds.
 *
 * Compiles to a Wait state: one transition.
 *
 * @param duration whole seconds, '5 minutes', '2 days', or a symbolic number of seconds
 * @throws WorkflowInvalid
 */
export function sleep(
  duration: Duration | Symbolic<number>,
  options: SleepOptions = {},
): SleepStep {
  return new SleepStep(duration, options);
}

export class SleepStep extends Step<null> {
  readonly #seconds: number | Symbolic<number>;

  constructor(duration: Duration | Symbolic<number>, options: SleepOptions) {
    super('sleep');
    checkOptions(options, ['name'], 'sleep(duration, options)');
    this.#seconds = symbolicInfo(duration)
      ? (duration as Symbolic<number>)
      : seconds(duration as Duration, longestWaitSeconds);
    if (options.name !== undefined) this.named(options.name);
  }

  override get title(): string {
    return `sleep${this.name ? ` '${this.name}'` : ''}`;
  }

  protected override get shape(): Shape {
    return 'unknown';
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    const wait: Value = toValue(this.#seconds, scope.trace, 'the duration of sleep');
    this.checkReadable(wait, scope);
    return { kind: 'wait', id, name: this.name, label: 'sleep', seconds: wait };
  }
}
