import type { Sequence } from '../workflow/graph.ts';
import type { Frame } from './frame.ts';
import type { StateMachine } from './machine.ts';
import type { Catcher, Ending, Exit, First, Place } from './place.ts';
import type { Scope } from './scope.ts';

/** How a builder builds the sequences inside its node. */
export interface Build {
  /** In the same machine. */
  sequence(place: Place, sequence: Sequence, exit: Exit): Ending;
  /** A machine of its own, such as a branch. */
  machine(inner: Inner, build: (place: Place) => Ending): StateMachine;
}

export interface Inner {
  readonly scope: Scope;
  readonly frame: Frame;
  readonly catchers: readonly Catcher[];
  readonly first: First;
  /** Whether it may be that the machine never runs: see Place. */
  readonly unsure: boolean | undefined;
  /** For the state in front, where one is needed. */
  readonly words: string;
}
