import { WorkflowInvalid } from '../errors.ts';
import type { Case, Node, Sequence } from './graph.ts';
import { type Outcome, traceSequence } from './sequence.ts';
import { Step } from './step.ts';
import type { Given } from './symbolic.ts';
import { type Shape, symbolicInfo } from './symbolic-value.ts';
import { Scope } from './trace.ts';
import { toValue } from './value.ts';

/**
 * `if`, for what only a run knows: runs `then` where the condition holds, else `otherwise`. Both are a
 * step, an async function of several, or plain data; exactly one of them runs.
 *
 * - Result: that of the one that ran; null where there is no `otherwise`.
 * - First failure: that of the one that ran. A condition that cannot be evaluated fails the run, and
 *   no `catch` can take that (Step Functions has none on a Choice).
 * - Siblings: none.
 * - Deadline: none of its own.
 * - Empty input: a `then` and an `otherwise` without steps still cost the Choice; for data alone
 *   jsonata`cond ? a : b` costs nothing.
 * - Limits: those of a Choice, none that counts. A `when` as `otherwise` becomes one more rule of the
 *   same Choice.
 *
 * Compiles to a Choice state: one transition, and those of the one that runs. At the end of the
 * workflow or of a branch, one more where the one that runs has no step of its own.
 *
 * @throws WorkflowInvalid
 */
export function when<const A, const B = null>(
  condition: Given<boolean>,
  then: A,
  otherwise?: B,
): WhenStep<Outcome<A> | Outcome<B>> {
  return new WhenStep(condition, then, otherwise ?? null);
}

export class WhenStep<T> extends Step<T> {
  readonly #condition: unknown;
  readonly #then: unknown;
  readonly #otherwise: unknown;

  constructor(condition: unknown, then: unknown, otherwise: unknown) {
    super('when');
    if (!symbolicInfo(condition)) {
      throw new WorkflowInvalid(
        `The condition of when is ${typeof condition === 'boolean' ? `${condition} already while the document is built` : `a ${typeof condition}`}. ` +
          'Give a condition on what only a run knows, such as when(gt(score, 7), ...); for what is known now, write `if`.',
      );
    }
    this.#condition = condition;
    this.#then = then;
    this.#otherwise = otherwise;
  }

  override get title(): string {
    return `when${this.name ? ` '${this.name}'` : ''}`;
  }

  protected override get shape(): Shape {
    return 'unknown';
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    const { trace } = scope;
    const condition = toValue(this.#condition, trace, 'the condition of when');
    this.checkReadable(condition, scope);
    const body = await traceSequence(this.#then, new Scope(trace, scope), 'the then of when');
    const rest = new Scope(trace, scope);
    const otherwise = await traceSequence(this.#otherwise, rest, 'the otherwise of when');
    const node = { kind: 'when', id, name: this.name, label: 'when' } as const;
    return { ...node, ...flattened({ condition, body }, otherwise) };
  }
}

/** else if: an `otherwise` that is a `when` and nothing else joins its cases. */
function flattened(first: Case, otherwise: Sequence): { cases: Case[]; otherwise: Sequence } {
  const [inner, ...more] = otherwise.nodes;
  const { output } = otherwise;
  const isWhole = output.kind === 'result' && output.node === inner?.id && output.path.length === 0;
  if (inner?.kind !== 'when' || inner.name !== null || more.length > 0 || !isWhole) {
    return { cases: [first], otherwise };
  }
  return { cases: [first, ...inner.cases], otherwise: inner.otherwise };
}
