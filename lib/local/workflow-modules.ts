import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../errors.ts';
import { isWorkflow, type Workflow } from '../workflow/workflow.ts';

/**
 * Every workflow that the modules of a folder export, in the order of the files' names (they are
 * numbered) and, in a file, of the exports' names. Importing a module traces its workflows.
 *
 * @throws UsageError when the folder cannot be read, or two workflows have one name. What a module
 * itself throws (`StepNeverAwaited`, a syntax error) comes through as it is.
 */
export async function loadWorkflows(folder: string): Promise<Workflow[]> {
  const found = new Map<string, { workflow: Workflow; file: string }>();
  for (const file of await workflowFiles(folder)) {
    for (const workflow of await loadWorkflowFile(folder, file)) {
      const known = found.get(workflow.name);
      if (known !== undefined && known.workflow !== workflow) {
        throw new UsageError(
          `Two workflows are named "${workflow.name}": one in ${known.file}, one in ${file}. Rename one.`,
        );
      }
      if (known === undefined) found.set(workflow.name, { workflow, file });
    }
  }
  return [...found.values()].map(({ workflow }) => workflow);
}

/** The workflows that one module exports, in the order of their names. */
export async function loadWorkflowFile(folder: string, file: string): Promise<Workflow[]> {
  const url = pathToFileURL(path.resolve(folder, file)).href;
  const module: Record<string, unknown> = await import(url);
  return Object.values(module).filter(isWorkflow);
}

/** The names of the modules in a folder, sorted. @throws UsageError */
export async function workflowFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new UsageError(
      `The folder of the workflows, ${folder}, cannot be read. Make it, and export workflows from modules in it.`,
      { cause },
    );
  });
  return names
    .filter((name) => /\.(ts|js|mjs)$/.test(name) && !/\.(d|test)\.ts$/.test(name))
    .sort();
}
