import { WorkflowInvalid } from '../errors.ts';
import type { Node } from './graph.ts';
import { checkOptions } from './options.ts';
import { given, type Outcome, traceSequence } from './sequence.ts';
import { inParentheses } from './source-line.ts';
import { Step } from './step.ts';
import type { Concrete, Given, Symbolic } from './symbolic.ts';
import type { Shape } from './symbolic-value.ts';
import { runInScope, Scope } from './trace.ts';
import { toValue } from './value.ts';

export interface RepeatOptions<S> {
  /** The value before the first turn; it has the type of the turns' values. */
  readonly start: S;
  /** Asked after each turn, of its value: the loop ends where it holds. Default: never. */
  readonly until?: (value: Symbolic<Concrete<S>>) => Given<boolean>;
  /** How many turns at most, 1 to 1,000. The last value counts then, whatever `until` says. */
  readonly most: number;
  /** The name of the loop's state. Default 'repeat'. */
  readonly name?: string;
}

/**
 * `while`, for what only a run knows. Each turn receives the last value and gives the next.
 *
 * - Result: the value of the last turn. It runs at least once and at most `most` times.
 * - First failure: a turn that fails ends the loop; a `catch` inside the body keeps it going.
 * - Siblings: none; turns run one after the other.
 * - Deadline: none of its own; put it into a gather with `timeout`.
 * - Empty input: a body that awaits nothing is refused.
 * - Limits: `most`; 25,000 history events in a run (Step Functions), some ten for each step of a turn.
 *
 * Compiles to the body's states and one Choice that leads back: one transition more than the body's
 * for each turn. One more where nothing stands before it in the workflow or the branch (a state has to
 * set the start), and one where nothing stands after it.
 *
 * @throws WorkflowInvalid
 */
export function repeat<S, B>(
  options: RepeatOptions<S>,
  body: (value: Symbolic<Concrete<S>>, turn: Symbolic<number>) => B,
): RepeatStep<Outcome<() => B>> {
  return new RepeatStep(options as RepeatOptions<unknown>, body as Turn);
}

/** Runs with what a turn begins with, or ends with, and the count of finished turns. */
type Turn = (value: unknown, turn: unknown) => unknown;

export class RepeatStep<T> extends Step<T> {
  readonly #options: RepeatOptions<unknown>;
  readonly #body: Turn;
  readonly #between: ((value: unknown, result: unknown) => unknown) | null;

  /** @param between runs between two turns, and gives the value of the next from the result of the last */
  constructor(
    options: RepeatOptions<unknown>,
    body: Turn,
    between: ((value: unknown, result: unknown) => unknown) | null = null,
  ) {
    super('repeat');
    checkOptions(options, ['start', 'until', 'most', 'name'], 'repeat(options, body)');
    const { most } = options;
    if (!Number.isInteger(most) || most < 1 || most > 1000) {
      throw new WorkflowInvalid(
        `repeat may run ${String(most)} times at most, it says. Give most as a whole number from 1 to 1000: a loop without an end would be paid for without an end.`,
      );
    }
    if (typeof body !== 'function' || !['function', 'undefined'].includes(typeof options.until)) {
      throw new WorkflowInvalid(
        'repeat takes functions: repeat({ start, until: (value) => gte(value.score, 8), most: 3 }, async (value, turn) => next).',
      );
    }
    this.#options = options;
    this.#body = body;
    this.#between = between;
    if (options.name !== undefined) this.named(options.name);
  }

  override get title(): string {
    return `repeat${this.name ? ` '${this.name}'` : ''}`;
  }

  protected override get shape(): Shape {
    return 'unknown';
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    const { trace } = scope;
    const start = toValue(this.#options.start, trace, 'the start of repeat');
    this.checkReadable(start, scope);
    const loop = new Scope(trace, scope);
    const value = given(loop, 'value');
    const turn = given(loop, 'turn');
    loop.turn = turn.id;
    const inside = new Scope(trace, loop);
    const turnBody = () => this.#body(value.value, turn.value);
    const body = await traceSequence(turnBody, inside, 'a turn of repeat');
    if (!inside.awaited) {
      throw new WorkflowInvalid(
        `The body of repeat in workflow '${trace.workflow}'${inParentheses(this.position)} awaits nothing, so there is nothing to repeat. Await a step in it.`,
        { position: this.position },
      );
    }
    const result = this.#between ? given(loop, 'result') : value;
    const between = this.#between;
    const pause =
      between &&
      (await traceSequence(
        () => between(value.value, result.value),
        new Scope(trace, loop),
        'the pause of repeat',
      ));
    const asked = await runInScope(loop, async () =>
      this.#options.until?.(result.value as Symbolic<Concrete<unknown>>),
    );
    const until = toValue(asked ?? false, trace, 'the until of repeat');
    const { most } = this.#options;
    const ids = { value: value.id, result: result.id, turn: turn.id };
    const node = { kind: 'repeat', id, name: this.name, label: 'repeat', start } as const;
    return { ...node, ...ids, body, between: pause, until, most };
  }
}
