import { compileWorkflow } from '../asl/compile.ts';
import type { CompiledWorkflow } from '../asl/compiled.ts';
import { WorkflowNotFound } from '../errors.ts';
import { loadWorkflowFile, loadWorkflows, workflowFiles } from '../local/workflow-modules.ts';

/** Where workflows are, from the project's root. */
export const workflowsFolder = 'workflows';

/** Every workflow of the project, compiled. @throws UsageError, WorkflowInvalid, ... */
export async function compileProject(): Promise<CompiledWorkflow[]> {
  return (await loadWorkflows(workflowsFolder)).map(compileWorkflow);
}

/**
 * One workflow, by its name ('panel') or by its file's ('01-panel'). Only files that could hold it
 * are imported first, so that a large project starts as fast as a small one.
 * @throws WorkflowNotFound naming those that exist
 */
export async function compileNamed(name: string): Promise<CompiledWorkflow> {
  for (const file of await workflowFiles(workflowsFolder)) {
    const stem = file.replace(/\.\w+$/, '');
    if (stem !== name && !stem.endsWith(`-${name}`)) continue;
    const found = await loadWorkflowFile(workflowsFolder, file);
    const workflow =
      found.find((each) => each.name === name) ?? (stem === name ? found[0] : undefined);
    if (workflow) return compileWorkflow(workflow);
  }
  const all = await loadWorkflows(workflowsFolder);
  const workflow = all.find((each) => each.name === name);
  if (workflow) return compileWorkflow(workflow);
  const names = all.map((each) => each.name).join(', ');
  throw new WorkflowNotFound(
    `There is no workflow '${name}'. ${names ? `The workflows are: ${names}.` : `The folder ${workflowsFolder} exports none.`}`,
  );
}

/** The workflow, and those that it starts as executions of their own. @throws WorkflowNotFound */
export async function withCalled(workflow: CompiledWorkflow): Promise<CompiledWorkflow[]> {
  const found = new Map([[workflow.name, workflow]]);
  for (const { resources = [] } of found.values()) {
    for (const need of resources) {
      if (need.kind !== 'workflow' || found.has(need.workflow)) continue;
      found.set(need.workflow, await compileNamed(need.workflow));
    }
  }
  return [...found.values()];
}
