import type { JsonObject } from '../../json.ts';
import { runNameNode } from '../ledger.ts';
import { jsonataString } from '../literal.ts';
import type { Place } from '../place.ts';

/**
 * What a model call is told of the step that it is made for (`Caller` of lib/model), so that what it
 * tells while it runs can be told apart from what its siblings tell. Outside of a Map the index is
 * nothing, and JSONata's constructor leaves it out.
 */
export function callerArgument(place: Place, isFirst: boolean): JsonObject {
  const run = place.frame.read({ kind: 'result', node: runNameNode, path: [] }, isFirst);
  const workflow = jsonataString(place.scope.workflow);
  return {
    caller: `{% [${run}, ${workflow}, $states.context.State, $states.context.Map.Item.Index] %}`,
  };
}
