import type { JsonObject } from '../../json.ts';
import type { CallNode } from '../../workflow/graph.ts';
import { runNameNode } from '../ledger.ts';
import type { State } from '../machine.ts';
import { turnOf } from '../names.ts';
import type { Assignment, Place } from '../place.ts';

/**
 * How a model call waits for its turn: the function fails with Model.Deferred and says in how many
 * seconds to come back; the Catch keeps that in a variable, a Wait waits exactly so long, and the Task
 * is entered again, with the state's own input. A call that nobody defers never sees any of it: it costs
 * no state transition. The function counts the waits and ends them, by failing with another name.
 */
export interface TurnStates {
  /** The Task's argument: what it was told last, or the run's name where it was told nothing yet. */
  readonly argument: JsonObject;
  readonly catcher: State;
  /** What the Task assigns when it is left, so that the next round of a loop counts anew. */
  readonly reset: readonly Assignment[];
}

/** The message's tail is the turn as JSON: see lib/model/turn.ts. */
const told = "$parse($substringAfter($parse($states.errorOutput.Cause).errorMessage, 'Turn: '))";

/** Where a call keeps what it was told last. */
export function turnVariable({ scope }: Place, node: CallNode): string {
  const id = turnOf(node.id);
  scope.ledger.noteRead(0, id, []);
  return scope.names.variable(0, id, []);
}

export function turnStates(place: Place, node: CallNode, name: string): TurnStates {
  const { scope, machine, frame } = place;
  const variable = turnVariable(place, node);
  const wait = scope.names.extra(`${node.id}:${name}:wait`, `${name} waits`);
  const isFirst = place.first === node.id;
  const run = frame.read({ kind: 'result', node: runNameNode, path: [] }, isFirst);
  machine.add(wait, { Type: 'Wait', Seconds: `{% $${variable}.seconds %}`, Next: name });
  return {
    argument: {
      // On AWS a variable that was never assigned is nothing, which `$exists` tells: recorded in
      // 'local_mocking/test_base_scenarios/test_numbered_mock_responses_multiple_success_invocations'.
      turn: `{% $exists($${variable}.seconds) ? $${variable} : { 'run': ${run} } %}`,
    },
    catcher: {
      ErrorEquals: ['Model.Deferred'],
      Assign: { [variable]: `{% ${told} %}` },
      Output: '{% $states.input %}',
      Next: wait,
    },
    reset: scope.isRepeated(node.id) ? [[variable, { kind: 'literal', value: null }]] : [],
  };
}
