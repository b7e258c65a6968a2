import type { JsonObject } from '../../json.ts';
import { template } from '../expression.ts';
import { runNameNode } from '../ledger.ts';
import { type Place, readerAt } from '../place.ts';

/**
 * What a model call is told of its run's budget: whose it is and how much it holds. The function keeps
 * it, so that it costs no state. Nothing, where the workflow has none.
 */
export function budgetArgument(place: Place, isFirst: boolean): JsonObject {
  const { scope, frame } = place;
  const { name, budget } = scope.graph;
  if (budget === undefined) return {};
  const run = frame.read({ kind: 'result', node: runNameNode, path: [] }, isFirst);
  return {
    budget: {
      run: `{% '${name}/' & ${run} %}`,
      ...(template(budget, readerAt(place, isFirst)) as JsonObject),
    },
  };
}
