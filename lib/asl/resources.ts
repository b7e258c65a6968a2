import { type Graph, type Node, nodesIn } from '../workflow/graph.ts';
import { bucketNeeds } from './bucket-needs.ts';
import type { ResourceNeed, TableAction, TableNeed } from './compiled.ts';
import { connectionNeeds } from './connection-needs.ts';
import { isSubmitted } from './functions.ts';
import { isTallied } from './states/tally.ts';
import { workflowNeeds } from './workflow-needs.ts';

/**
 * What the document of a graph needs besides functions.
 * @throws WorkflowInvalid for results whose bucket cannot be told before a run, and for workflows that
 * would have one name
 */
export function resourcesOf(graph: Graph): readonly ResourceNeed[] {
  return [
    ...tableNeeds(graph),
    ...workflowNeeds(graph),
    ...bucketNeeds(graph),
    ...connectionNeeds(graph),
  ];
}

function tableNeeds(graph: Graph): readonly TableNeed[] {
  const nodes = [...nodesIn(graph.body)];
  const actions = new Set(nodes.flatMap(tableActions));
  if (actions.size === 0 && !nodes.some(hasRows)) return [];
  return [{ kind: 'table', placeholder: 'RunTable', actions: [...actions].sort() }];
}

/** Open background calls, and those of batches, are rows of the table; the document itself does nothing with them. */
function hasRows(node: Node): boolean {
  return node.kind === 'call' && node.target.kind === 'model' && isSubmitted(node.target.lane);
}

/** What the states of a node do with the run table. */
function tableActions(node: Node): readonly TableAction[] {
  return node.kind === 'quorum' && isTallied(node) ? ['GetItem', 'UpdateItem'] : [];
}
