import { checkedErrors } from './error-name.ts';
import type { Node } from './graph.ts';
import { Step } from './step.ts';
import type { Given } from './symbolic.ts';
import type { Shape } from './symbolic-value.ts';
import type { Scope } from './trace.ts';
import { toValue } from './value.ts';

/**
 * Fails: JavaScript's `throw`, where only a run knows whether to. In a case of `when`, or in the
 * handler of a `catch` to throw on.
 *
 * - Result: none; the steps after it do not run.
 * - First failure: this one. A `catch` around it takes it, and so does a gather's slot.
 * - Siblings: stopped, as by any failure.
 * - Limits: the error's name is fixed, the cause has at most 32,768 characters.
 *
 * Compiles to a Fail state: one transition; none where a `catch` around it takes the error.
 *
 * @param error the error's name, as `catch` takes it
 * @param cause the message
 * @throws WorkflowInvalid
 */
export function fail(error: string, cause: Given<string> = ''): FailStep {
  return new FailStep(error, cause);
}

export class FailStep extends Step<never> {
  readonly #error: string;
  readonly #cause: unknown;

  constructor(error: string, cause: unknown) {
    super('fail');
    this.#error = String(checkedErrors(String(error), 'fail')[0]);
    this.#cause = cause;
  }

  override get title(): string {
    return `fail '${this.name ?? this.#error}'`;
  }

  protected override get shape(): Shape {
    return 'unknown';
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    const cause = toValue(this.#cause, scope.trace, 'the cause of fail');
    this.checkReadable(cause, scope);
    const label = this.#error;
    return { kind: 'fail', id, name: this.name, label, error: this.#error, cause };
  }
}
