import type { JsonObject } from '../json.ts';

/** One state of the document. */
export type State = JsonObject;

/** A part of a document that has its own StartAt: the document itself, or a branch. */
export interface StateMachine extends JsonObject {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** The states of one machine, added from the last to the first, since each names the next. */
export class Machine {
  readonly #states: [string, State][] = [];

  add(name: string, state: State): void {
    this.#states.push([name, state]);
  }

  /** The states of another machine too, before those that are there: a loop's, built apart. */
  take(other: Machine): void {
    this.#states.push(...other.#states);
  }

  /** A state that only ends: for what Step Functions lets not end by itself, a Choice and a Catch. */
  rest(name: string): string {
    const known = this.#states.some(([each]) => each === name);
    if (!known) this.add(name, { Type: 'Pass', End: true });
    return name;
  }

  /**
   * Without the states that nothing leads to, which Step Functions refuses: the handler of what cannot
   * fail, and what stands after a `fail`.
   */
  written(startAt: string): StateMachine {
    const states = this.#states.toReversed();
    const reached = reachable(startAt, new Map(states));
    const kept = states.filter(([name]) => reached.has(name));
    return { StartAt: startAt, States: Object.fromEntries(kept) };
  }
}

function reachable(startAt: string, states: ReadonlyMap<string, State>): ReadonlySet<string> {
  const reached = new Set([startAt]);
  // A set that grows while it is walked gives what is added too.
  for (const name of reached) for (const next of targets(states.get(name))) reached.add(next);
  return reached;
}

function targets(state: State | undefined): string[] {
  const { Next, Default, Choices = [], Catch = [] } = state ?? {};
  const rules = [...(Choices as readonly State[]), ...(Catch as readonly State[])];
  return [Next, Default, ...rules.map((rule) => rule.Next)].filter(
    (target) => typeof target === 'string',
  );
}
