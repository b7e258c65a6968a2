import { createHash } from 'node:crypto';
import type { Json } from '../json.ts';
import { type Graph, nodesIn } from '../workflow/graph.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { Allowances } from './allowance.ts';
import type { CompiledWorkflow } from './compiled.ts';
import { writeDocument } from './document.ts';
import { Frame } from './frame.ts';
import { Functions } from './functions.ts';
import { Ledger } from './ledger.ts';
import { checkDefinition } from './limits.ts';
import { firstNode } from './place.ts';
import { resourcesOf } from './resources.ts';
import { Scope } from './scope.ts';
import { machineStates, sequenceStates } from './sequence.ts';

/**
 * Compiles a workflow's graph to one Amazon States Language document (Standard, JSONata). The same
 * workflow gives the same bytes. State transitions are the least that Step Functions allows, word by
 * word as docs/language.md counts them; no state exists only to move data.
 * @throws WorkflowInvalid, LimitExceeded
 */
export function compileWorkflow({ graph }: Workflow): CompiledWorkflow {
  const functions = new Functions(graph);
  const definition = writeDocument({
    ...(graph.description === null ? {} : { Comment: graph.description }),
    QueryLanguage: 'JSONata',
    ...(graph.timeoutSeconds === undefined ? {} : { TimeoutSeconds: graph.timeoutSeconds }),
    ...documentStates(graph, functions),
  });
  checkDefinition(definition, graph.name);
  const resources = resourcesOf(graph);
  return {
    name: graph.name,
    description: graph.description,
    definition,
    definitionHash: createHash('sha256').update(definition).digest('hex'),
    functions: functions.needs,
    inputSchema: graph.inputSchema,
    ...(graph.budget === undefined ? {} : { budget: true }),
    ...(isDistributed(graph) ? { distributed: true } : {}),
    ...(resources.length > 0 ? { resources } : {}),
  };
}

function isDistributed(graph: Graph): boolean {
  return [...nodesIn(graph.body)].some((node) => node.kind === 'each' && node.distributed);
}

/** Passes over the graph until the ledger is the one that the pass began with: see Scope. */
function documentStates(graph: Graph, functions: Functions): { readonly [field: string]: Json } {
  const allowances = new Allowances(graph);
  let before = new Ledger();
  for (;;) {
    const scope = new Scope(graph, functions, allowances, before);
    const frame = new Frame(scope, null);
    const inner = {
      scope,
      frame,
      catchers: [],
      first: firstNode(graph.body),
      words: 'start',
      unsure: false,
    };
    const states = machineStates(inner, (place) =>
      sequenceStates(place, graph.body, (output) => ({ next: null, assign: [], output })),
    );
    if (scope.ledger.fingerprint === before.fingerprint) return states;
    before = scope.ledger;
  }
}
