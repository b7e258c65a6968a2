import type { JsonObject } from '../../json.ts';
import type { CallNode } from '../../workflow/graph.ts';
import { runNameNode } from '../ledger.ts';
import { jsonataString } from '../literal.ts';
import type { Place } from '../place.ts';

/**
 * What a model call is told of the step that it is made for (`Caller` of lib/model), so that what it
 * tells while it runs can be told apart from what its siblings tell. Outside of a Map the index is
 * nothing, and JSONata's constructor leaves it out.
 * @param name the state's; the step's is told, which has two where a call may fall out of a batch
 */
export function callerArgument(
  place: Place,
  node: CallNode,
  name: string,
  isFirst: boolean,
): JsonObject {
  const run = place.frame.read({ kind: 'result', node: runNameNode, path: [] }, isFirst);
  const workflow = jsonataString(place.scope.workflow);
  const step = place.scope.names.state(node.id);
  const state =
    name === step
      ? '$states.context.State'
      : `$merge([$states.context.State, {'Name': ${jsonataString(step)}}])`;
  return {
    caller: `{% [${run}, ${workflow}, ${state}, $states.context.Map.Item.Index] %}`,
  };
}
