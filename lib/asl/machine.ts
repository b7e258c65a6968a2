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

  /** Keeps the place of a state that is written later, as the one that leads back into a loop. */
  reserve(name: string): (state: State) => void {
    const slot: [string, State] = [name, {}];
    this.#states.push(slot);
    return (state) => {
      slot[1] = state;
    };
  }

  /** A state that only ends: for what Step Functions lets not end by itself, a Choice and a Catch. */
  rest(name: string): string {
    const known = this.#states.some(([each]) => each === name);
    if (!known) this.add(name, { Type: 'Pass', End: true });
    return name;
  }

  written(startAt: string): StateMachine {
    return { StartAt: startAt, States: Object.fromEntries(this.#states.toReversed()) };
  }
}
