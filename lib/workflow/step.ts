import { type SourcePosition, StepMisused, WorkflowInvalid } from '../errors.ts';
import { checkedErrors } from './error-name.ts';
import type { Node, Reference, Value } from './graph.ts';
import { checkedName } from './name.ts';
import { checkReadable, given, type Outcome, traceSequence } from './sequence.ts';
import { inParentheses, sourcePosition } from './source-line.ts';
import type { Symbolic } from './symbolic.ts';
import { type Shape, symbolic } from './symbolic-value.ts';
import { currentScope, runInScope, Scope, type TracedStep } from './trace.ts';
import { stepBrand } from './value.ts';

declare const stepValue: unique symbol;

/** A failure as a handler receives it. */
export interface Failure {
  /** The error's name: 'Model.RateLimited', 'States.Timeout', a handler's `error.name`. */
  readonly error: string;
  /** The error's message, or ''. */
  readonly cause: string;
}

type CatchHandler<V> = (failure: Symbolic<Failure>) => V;

interface Catch {
  readonly errors: readonly string[];
  readonly handler: CatchHandler<unknown>;
}

/** What a step left behind when it was recorded: its node's value, or plain data without a node. */
export interface Recorded {
  readonly reference: Reference | null;
  readonly shape: Shape;
  /** Set where the step costs no state: `gather([])` is `[]`. */
  readonly constant?: unknown;
}

/**
 * A step is a lazy value, as a coroutine object is in Python: nothing runs, and no state exists, until
 * it is awaited or handed to `gather`. `await step` adds it to the workflow and gives the symbolic
 * value of its result.
 *
 * A step is used once. Awaiting it twice, in another workflow, or beside another one without `gather`
 * throws `StepMisused`; leaving it unused makes `workflow` throw `StepNeverAwaited`.
 */
export abstract class Step<T> implements PromiseLike<Symbolic<T>>, TracedStep {
  declare readonly [stepValue]: T;
  readonly [stepBrand] = true;
  readonly position: SourcePosition | null;
  readonly #home: Scope;
  readonly #catches: Catch[] = [];
  #used: string | undefined;
  #name: string | null = null;

  /** @throws StepMisused outside a workflow's body */
  constructor(what: string) {
    const scope = currentScope();
    this.position = sourcePosition();
    if (!scope) {
      throw new StepMisused(
        `A ${what} step was made outside a workflow's body${inParentheses(this.position)}. ` +
          "Steps exist only inside `workflow(name, options, async (input) => { ... })`: move the call into the function's body.",
        this.position,
      );
    }
    this.#home = scope;
    scope.trace.steps.push(this);
  }

  /** "model call 'gpt-5-mini'" */
  abstract get title(): string;

  /** Builds this step's node in the scope, which is the current one. */
  protected abstract build(scope: Scope, id: number): Promise<Node | null>;

  /** What is known of the result before the run. */
  protected abstract get shape(): Shape;

  /** The result of a step without a node. */
  protected get constant(): unknown {
    return undefined;
  }

  get used(): boolean {
    return this.#used !== undefined;
  }

  /** The user's own name, or null. */
  get name(): string | null {
    return this.#name;
  }

  /**
   * Names the step: the state's name in the document, in the console and in errors. Default: the
   * branch's key in a record gather, else what is called. At most 80 characters, no line breaks.
   * @throws WorkflowInvalid
   */
  named(name: string): this {
    this.#name = checkedName(name);
    return this;
  }

  /**
   * Takes the step's failure: Promise's `catch`. The handler receives a symbolic `{ error, cause }`
   * and gives the value instead: plain data, a step, or an async function of several. With a name, or
   * a list of them, it takes those errors only; the others go on.
   *
   * - Result: the step's, or the handler's.
   * - First failure: of several `catch`es the first that names the error takes it, and what its own
   *   handler fails with goes to the next, as with Promise.
   * - Siblings, deadline: not touched. A retry policy is spent before a failure gets here.
   * - Limits: Step Functions lets nobody take `States.DataLimitExceeded` and `States.Runtime`, nor a
   *   failure to evaluate a condition or a `sleep`.
   *
   * Compiles to a Catch field and costs nothing; a failure costs the handler's own steps, or one
   * state where the handler has none and nothing follows.
   * @throws WorkflowInvalid
   */
  catch<const V>(handler: CatchHandler<V>): Step<T | Outcome<CatchHandler<V>>>;
  catch<const V>(
    errors: string | readonly string[],
    handler: CatchHandler<V>,
  ): Step<T | Outcome<CatchHandler<V>>>;
  catch<V>(
    first: string | readonly string[] | CatchHandler<V>,
    second?: CatchHandler<V>,
  ): Step<T | Outcome<CatchHandler<V>>> {
    const handler = typeof first === 'function' ? first : second;
    const errors = typeof first === 'function' ? ['States.ALL'] : checkedErrors(first, 'catch');
    if (typeof handler !== 'function') {
      throw new WorkflowInvalid(
        `catch of ${this.title} has no handler. Write step.catch(({ error, cause }) => value) or step.catch('Model.RateLimited', () => value).`,
      );
    }
    this.checkCaught(errors);
    this.#catches.push({ errors, handler });
    return this as unknown as Step<T | Outcome<CatchHandler<V>>>;
  }

  /** @internal Marks the step as used, once. */
  claim(how: string): void {
    const scope = currentScope();
    if (this.#used !== undefined) {
      this.#misused(
        `is ${how} a second time: it was ${this.#used} before. A step runs once; make a second one by calling it again, ` +
          'or keep the value that the first `await` gave',
      );
    }
    if (scope?.trace !== this.#home.trace) {
      this.#misused(
        `of workflow '${this.#home.trace.workflow}' is ${how} ${scope ? `in workflow '${scope.trace.workflow}'` : "outside a workflow's body"}. ` +
          'A step belongs to the body that made it',
      );
    }
    this.#used = how;
  }

  /** @internal Adds the step to the scope, which must be the current one. */
  record(scope: Scope): Promise<Recorded> {
    scope.awaited = true;
    return this.#recordCaught(scope, this.#catches);
  }

  /** The last `catch` is the outermost: it takes what the handlers before it fail with. */
  async #recordCaught(scope: Scope, catches: readonly Catch[]): Promise<Recorded> {
    const outermost = catches.at(-1);
    if (!outermost) return this.#recordNode(scope);
    const { trace } = scope;
    const inside = new Scope(trace, scope);
    const inner = await runInScope(inside, () => this.#recordCaught(inside, catches.slice(0, -1)));
    if (!inner.reference) return inner;
    const aside = new Scope(trace, scope);
    const failure = given(aside, 'failure');
    const handle = () => outermost.handler(failure.value as Symbolic<Failure>);
    const handler = await traceSequence(handle, aside, `the catch of ${this.title}`);
    const id = trace.nextNodeId();
    const body = { nodes: inside.nodes, output: inner.reference };
    const { errors } = outermost;
    const caught = { kind: 'attempt', id, name: null, label: 'catch' } as const;
    trace.add({ ...caught, body, errors, failure: failure.id, handler }, scope);
    return { reference: { kind: 'result', node: id, path: [] }, shape: 'unknown' };
  }

  async #recordNode(scope: Scope): Promise<Recorded> {
    const id = scope.trace.nextNodeId();
    const node = await this.build(scope, id);
    if (!node) return { reference: null, shape: this.shape, constant: this.constant };
    scope.trace.add(node, scope);
    return { reference: { kind: 'result', node: node.id, path: [] }, shape: this.shape };
  }

  /** A step is awaited, so it is a thenable; awaiting it is what adds it to the workflow. */
  then<A = Symbolic<T>, B = never>(
    onfulfilled?: ((value: Symbolic<T>) => A | PromiseLike<A>) | null,
    onrejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#await().then(onfulfilled, onrejected);
  }

  async #await(): Promise<Symbolic<T>> {
    this.claim('awaited');
    const scope = currentScope() ?? this.#home;
    if (scope.awaiting) {
      // `Promise.all([a, b])` calls both `then`s before either continuation: run in that order the
      // document would wait for `a` before it starts `b`, which is not what was written.
      this.#misused(
        `is awaited while ${scope.awaiting.title} is: JavaScript's Promise.all, race and the like cannot be carried to the cloud. ` +
          'Write `await gather([a, b])`',
      );
    }
    scope.awaiting = this;
    try {
      const { reference, shape, constant } = await this.record(scope);
      if (!reference) return constant as Symbolic<T>;
      const text = this.#name ?? this.title;
      return symbolic({ trace: scope.trace, value: reference, text }, shape) as Symbolic<T>;
    } finally {
      scope.awaiting = undefined;
    }
  }

  /** @internal Refuses to catch errors by names that this step never fails with. */
  protected checkCaught(_errors: readonly string[]): void {}

  /** @internal Refuses values that a state in this scope could not read. */
  protected checkReadable(value: Value, scope: Scope): void {
    checkReadable(value, scope, `The ${this.title}${inParentheses(this.position)}`, this.position);
  }

  #misused(sentence: string): never {
    const error = new StepMisused(
      `The ${this.title}${inParentheses(this.position)} ${sentence}.`,
      sourcePosition() ?? this.position,
    );
    const trace = currentScope()?.trace ?? this.#home.trace;
    trace.problem ??= error;
    throw error;
  }

  [Symbol.toPrimitive](): never {
    return this.#misused(
      'is used as a value before it is awaited. Write `await` before it, so that its result is used',
    );
  }
}
