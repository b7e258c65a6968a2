import { WorkflowInvalid } from '../errors.ts';
import { type Graph, nodesIn } from '../workflow/graph.ts';
import type { WorkflowNeed } from './compiled.ts';
import { pascal } from './functions.ts';

/** The word that stands for the ARN of a workflow's state machine: 'WorkflowPanel'. */
export function workflowPlaceholder(workflow: string): string {
  return `Workflow${pascal(workflow)}`;
}

/** The workflows that a graph starts as executions of their own, each once. @throws WorkflowInvalid */
export function workflowNeeds(graph: Graph): readonly WorkflowNeed[] {
  const needs = new Map<string, WorkflowNeed>();
  for (const node of nodesIn(graph.body)) {
    if (node.kind !== 'execution') continue;
    const { workflow } = node;
    const placeholder = workflowPlaceholder(workflow);
    const known = needs.get(placeholder)?.workflow ?? workflow;
    if (known !== workflow) {
      throw new WorkflowInvalid(
        `Workflow '${graph.name}' calls '${known}' and '${workflow}', whose names differ only in '-' and capitals. Rename one.`,
      );
    }
    needs.set(placeholder, { kind: 'workflow', placeholder, workflow });
  }
  return [...needs.values()];
}
