import { type Graph, type Node, nodesIn } from '../workflow/graph.ts';
import { bucketNeeds } from './bucket-needs.ts';
import type { ResourceNeed, TableAction, TableNeed } from './compiled.ts';
import { isTallied } from './states/tally.ts';

/**
 * What the document of a graph needs besides functions.
 * @throws WorkflowInvalid for results whose bucket cannot be told before a run
 */
export function resourcesOf(graph: Graph): readonly ResourceNeed[] {
  return [...tableNeeds(graph), ...bucketNeeds(graph)];
}

function tableNeeds(graph: Graph): readonly TableNeed[] {
  const actions = new Set([...nodesIn(graph.body)].flatMap(tableActions));
  if (actions.size === 0) return [];
  return [{ kind: 'table', placeholder: 'RunTable', actions: [...actions].sort() }];
}

/** What the states of a node do with the run table. */
function tableActions(node: Node): readonly TableAction[] {
  return node.kind === 'quorum' && isTallied(node) ? ['GetItem', 'UpdateItem'] : [];
}
