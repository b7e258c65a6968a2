import type { Build } from '../build.ts';
import { Frame } from '../frame.ts';
import type { State, StateMachine } from '../machine.ts';
import { catchField, type Ending, type Exit, type First, type Place } from '../place.ts';
import type { Scope } from '../scope.ts';
import { winCatch, winExit } from './win.ts';

/** When it is over, and what it fails with then. */
export interface Limit {
  readonly error: string;
  readonly wait: State | ((place: Place) => State);
}

interface Deadline {
  readonly key: string;
  readonly words: string;
  readonly limit: Limit;
  /** Whether its state starts the machine. */
  readonly isFirst: boolean;
  /** What the body starts with. */
  readonly first: First;
}

/**
 * Step Functions limits the time of a Task and of a whole execution, and of nothing in between. So a
 * deadline is a Parallel of the body and of a Wait: the first to be done ends it through a Fail.
 */
export function deadlined(
  place: Place,
  { key, words, limit, isFirst, first }: Deadline,
  build: Build,
  exit: Exit,
  body: (place: Place, exit: Exit) => Ending,
): Ending {
  const { scope } = place;
  const name = scope.names.extra(`${key}:limit`, `${words} in time`);
  const taken = winCatch(place, { key, words }, exit, isFirst);
  const fields = { ...catchField(place, isFirst, [taken]), End: true };
  const frame = new Frame(scope, place.frame, { sameInput: isFirst });
  const inner = {
    scope,
    unsure: place.unsure,
    frame,
    catchers: [],
    first,
    words: `${words} start`,
  };
  const machine = build.machine(inner, (within) => body(within, winExit(within, { key, words })));
  const wait = typeof limit.wait === 'function' ? limit.wait(place) : limit.wait;
  const timer = timerMachine(scope, { key, words }, limit.error, wait);
  place.machine.add(name, { Type: 'Parallel', Branches: [machine, timer], ...fields });
  return { next: name, assign: [], output: null };
}

/** The branch that fails when it is over. */
export function timerMachine(
  { names }: Scope,
  { key, words }: { readonly key: string; readonly words: string },
  error: string,
  wait: State,
): StateMachine {
  const timer = names.extra(`${key}:timer`, `${words} deadline`);
  const late = names.extra(`${key}:late`, `${words} is late`);
  return {
    StartAt: timer,
    States: {
      [timer]: { Type: 'Wait', ...wait, Next: late },
      [late]: { Type: 'Fail', Error: error, Cause: 'It was not done in time.' },
    },
  };
}
