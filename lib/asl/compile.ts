import { createHash } from 'node:crypto';
import type { Workflow } from '../workflow/workflow.ts';
import type { CompiledWorkflow } from './compiled.ts';
import { writeDocument } from './document.ts';
import { Functions } from './functions.ts';
import { checkDefinition } from './limits.ts';
import { giveNames, nodesIn } from './names.ts';
import { findReads } from './reads.ts';
import type { Scope } from './scope.ts';
import { sequenceStates } from './sequence.ts';

/**
 * Compiles a workflow's graph to one Amazon States Language document (Standard, JSONata). The same
 * workflow gives the same bytes. State transitions are the least that Step Functions allows: one per
 * step, one per gather, one per rejected branch; no state exists only to move data.
 * @throws WorkflowInvalid, LimitExceeded
 */
export function compileWorkflow({ graph }: Workflow): CompiledWorkflow {
  const reads = findReads(graph);
  const scope: Scope = {
    reads,
    names: giveNames(graph, reads),
    functions: new Functions(graph),
    nodes: new Map([...nodesIn(graph.body)].map((node) => [node.id, node])),
  };
  const definition = writeDocument({
    ...(graph.description === null ? {} : { Comment: graph.description }),
    QueryLanguage: 'JSONata',
    ...sequenceStates(scope, graph.body),
  });
  checkDefinition(definition, graph.name);
  return {
    name: graph.name,
    description: graph.description,
    definition,
    definitionHash: createHash('sha256').update(definition).digest('hex'),
    functions: scope.functions.needs,
    inputSchema: graph.inputSchema,
  };
}
