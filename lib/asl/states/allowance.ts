import type { Json, JsonObject } from '../../json.ts';
import type { CallNode, EachNode } from '../../workflow/graph.ts';
import { runNameNode } from '../ledger.ts';
import { type Place, readerAt } from '../place.ts';

/**
 * What a model's function is told of its result's size: nothing where it may have the full share and the
 * document reads none of it itself. Whose result it is stands in `caller`.
 */
export function modelAllowance(place: Place, node: CallNode, isFirst: boolean): JsonObject {
  const told = toldOf(place, node, isFirst);
  return Object.keys(told).length === 0 ? {} : { payload: told };
}

/** What a task's function receives: the user's input, and beside it whose result it makes, and its size. */
export function taskArguments(
  place: Place,
  node: CallNode,
  input: Json,
  isFirst: boolean,
): JsonObject {
  const run = place.frame.read({ kind: 'result', node: runNameNode, path: [] }, isFirst);
  return { input, payload: { run: `{% ${run} %}`, ...toldOf(place, node, isFirst) } };
}

function toldOf(place: Place, node: CallNode, isFirst: boolean): JsonObject {
  const { allowances } = place.scope;
  const share = allowances.share(node, readerAt(place, isFirst));
  const keep = allowances.kept(node);
  return {
    ...(share === undefined ? {} : { share }),
    ...(keep.length === 0 ? {} : { keep }),
  };
}

/** The share of one iteration, as a Map passes it. */
export function itemShare(place: Place, node: EachNode, isFirst: boolean): string {
  return `{% ${place.scope.allowances.itemShare(node.id, readerAt(place, isFirst))} %}`;
}
