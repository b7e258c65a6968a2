import { WorkflowInvalid } from '../errors.ts';
import type { Retrier } from '../model/retry-policy.ts';
import { seconds } from './duration.ts';
import type { CallNode, Node, Value } from './graph.ts';
import { type RetryOptions, retrier } from './retry.ts';
import { Step } from './step.ts';
import type { Shape } from './symbolic-value.ts';
import { currentScope, type Scope } from './trace.ts';
import { toValue } from './value.ts';

/** The longest call: Lambda ends a function after 900 s, and function and state need a margin. */
export const longestCallSeconds = 880;

/** A step that calls a Lambda function: what `model` and `task` have in common. */
export abstract class CallStep<T> extends Step<T> {
  protected readonly label: string;
  protected readonly target: CallNode['target'];
  protected gives: CallNode['gives'];
  readonly #payload: Value;
  readonly #longestSeconds: number;
  #timeoutSeconds: number;
  #retry: readonly Retrier[] | null = null;

  constructor(call: {
    readonly what: string;
    readonly label: string;
    readonly target: CallNode['target'];
    readonly gives: CallNode['gives'];
    readonly payload: unknown;
    readonly timeout: number | string;
    /** The longest time limit, in seconds. Default: that of a function. */
    readonly longest?: number;
  }) {
    super(call.what);
    this.label = call.label;
    this.target = call.target;
    this.gives = call.gives;
    this.#longestSeconds = call.longest ?? longestCallSeconds;
    this.#timeoutSeconds = seconds(call.timeout, this.#longestSeconds);
    const trace = currentScope()?.trace;
    if (!trace) throw new WorkflowInvalid(`The ${call.what} step has no workflow.`);
    this.#payload = toValue(call.payload, trace, `${call.what} '${call.label}'`);
  }

  protected override get shape(): Shape {
    return 'unknown';
  }

  /**
   * The call's own time limit: seconds, or '30 seconds', '5 minutes'. Default 120 seconds, at most
   * 880; of a model in the lane 'background' an hour, at most a day; in the lane 'batch' a day, at most
   * two, the sync call at its end included; and in the lane 'http' 60 seconds. The function's limit and the state's are set above it, so that the call ends first and the
   * error says what happened. @throws WorkflowInvalid
   */
  timeout(limit: number | string): this {
    this.#timeoutSeconds = seconds(limit, this.#longestSeconds);
    return this;
  }

  /**
   * Replaces the default retry policy (a model: network and Lambda's own faults, and waiting where the
   * provider says so; a task: Lambda's own faults). Several policies are tried in order; the first that names
   * the error counts, each with its own attempts. @throws WorkflowInvalid
   */
  retry(...policies: readonly [RetryOptions, ...RetryOptions[]]): this {
    this.#retry = policies.map(retrier);
    return this;
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    this.checkReadable(this.#payload, scope);
    return {
      kind: 'call',
      id,
      name: this.name,
      label: this.label,
      target: this.target,
      payload: this.#payload,
      gives: this.gives,
      timeoutSeconds: this.#timeoutSeconds,
      retry: this.#retry,
    };
  }
}
