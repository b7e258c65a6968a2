import type { Value } from '../../workflow/graph.ts';
import { winner, winnerHand } from '../hand.ts';
import type { State } from '../machine.ts';
import { type Exit, leadingFields, type Place } from '../place.ts';

/** The error by which a branch tells that it has won, and with it ends its siblings. */
const winnerError = 'Gather.Winner';

/** Step Functions: a Fail's Cause has at most 32,768 characters; ours leaves room for its wrapping. */
const longestCause = 32_768;

interface Named {
  readonly key: string;
  readonly words: string;
}

/**
 * The exit of a branch that wins by ending: its value goes into a Fail's Cause as JSON. That is the
 * only way out of a Parallel that does not wait for the other branches.
 */
export function winExit(place: Place, { key, words }: Named, more: readonly Entry[] = []): Exit {
  const { names } = place.scope;
  const name = names.extra(`${key}:won`, `${words} won`);
  const text = '$string($states.input)';
  const fits = `$length(${text}) <= ${longestCause}`;
  const tooLong = `'The result has ' & $length(${text}) & ' characters of JSON; ${longestCause} can leave a race or a deadline.'`;
  place.machine.add(name, {
    Type: 'Fail',
    Error: `{% ${fits} ? '${winnerError}' : 'Gather.ResultTooLarge' %}`,
    Cause: `{% ${fits} ? ${text} : ${tooLong} %}`,
  });
  return (value) => ({
    next: name,
    assign: [],
    output: { kind: 'object', entries: [...more, ['value', value]] },
  });
}

type Entry = readonly [string, Value];

/** The Catch by which the Parallel takes the winner's value. */
export function winCatch(
  place: Place,
  { key, words }: Named,
  exit: Exit,
  isFirst = false,
  won: Value = winner('value'),
): State {
  const resting = { key: `${key}:done`, words: `${words} done` };
  return {
    ErrorEquals: [winnerError],
    ...leadingFields(place, exit(won), resting, isFirst, winnerHand),
  };
}
