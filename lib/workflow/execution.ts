import { WorkflowInvalid } from '../errors.ts';
import type { Retrier } from '../model/retry-policy.ts';
import { withDefaults } from './defaults.ts';
import { type Duration, longestWaitSeconds, seconds } from './duration.ts';
import type { Node, Reference } from './graph.ts';
import { type RetryOptions, retrier } from './retry.ts';
import { Step } from './step.ts';
import type { Shape } from './symbolic-value.ts';
import type { Scope } from './trace.ts';
import { toValue } from './value.ts';
import { calledWorkflows, type Workflow } from './workflow.ts';

/**
 * The policy where the user gives none: Step Functions had no place for the execution just then, and
 * nothing was started.
 */
const startRetry: readonly Retrier[] = [
  {
    ErrorEquals: [
      'StepFunctions.ThrottlingException',
      'StepFunctions.ExecutionLimitExceededException',
    ],
    IntervalSeconds: 2,
    MaxAttempts: 8,
    BackoffRate: 2,
    MaxDelaySeconds: 60,
    JitterStrategy: 'FULL',
  },
];

/** Another workflow as an execution of its own: what `call` with `execution: 'own'` gives. */
export class ExecutionStep<T> extends Step<T> {
  readonly #flow: Workflow | null;
  readonly #workflow: string;
  readonly #input: unknown;
  #timeoutSeconds: number | null = null;
  #retry: readonly Retrier[] = startRetry;

  /** @param flow the workflow, or its name where it cannot be imported: a workflow that calls itself */
  constructor(flow: Workflow | string, input: unknown) {
    super('workflow call');
    this.#flow = typeof flow === 'string' ? null : flow;
    this.#workflow = typeof flow === 'string' ? flow : flow.name;
    this.#input = input;
  }

  override get title(): string {
    return `execution of workflow '${this.#workflow}'`;
  }

  protected override get shape(): Shape {
    return 'unknown';
  }

  /**
   * How long the execution may take: then the step fails with States.Timeout, and the execution is
   * stopped. Default: no limit. @throws WorkflowInvalid
   */
  timeout(limit: Duration): this {
    this.#timeoutSeconds = seconds(limit, longestWaitSeconds);
    return this;
  }

  /**
   * Runs the workflow again, as a new execution from its beginning, where the last one failed. Default:
   * only where Step Functions had no place for it. @throws WorkflowInvalid
   */
  retry(...policies: readonly [RetryOptions, ...RetryOptions[]]): this {
    this.#retry = policies.map(retrier);
    return this;
  }

  protected override checkCaught(errors: readonly string[]): void {
    const strange = errors.find((name) => !/^(States|StepFunctions)\./.test(name));
    if (strange === undefined) return;
    throw new WorkflowInvalid(
      `The catch of ${this.title} names '${strange}'. Step Functions tells the failure of an execution as 'States.TaskFailed', whatever its own error is. ` +
        "Write .catch(({ error }) => ...): there 'error' is the execution's own, and `when(eq(error, ...))` tells one from another.",
    );
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    const { trace } = scope;
    const place = `the input of workflow '${this.#workflow}'`;
    const given = toValue(this.#input ?? {}, trace, place);
    this.checkReadable(given, scope);
    const flow = this.#flow;
    if (flow) {
      trace.called.set(flow.name, flow);
      for (const other of flow[calledWorkflows]) trace.called.set(other.name, other);
    }
    return {
      kind: 'execution',
      id,
      name: this.name,
      label: this.#workflow,
      workflow: this.#workflow,
      input: flow ? withDefaults(given, flow.graph.inputSchema, trace, place) : given,
      turns: turnsAround(scope),
      timeoutSeconds: this.#timeoutSeconds,
      retry: this.#retry,
    };
  }
}

/** What tells one entry of a state from another: the positions of the loops around it, in one execution. */
function turnsAround(scope: Scope): Reference[] {
  const turns: Reference[] = [];
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    if (at.turn !== null) turns.unshift({ kind: 'result', node: at.turn, path: [] });
    if (at.isIsolated) break;
  }
  return turns;
}
