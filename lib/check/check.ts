import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileWorkflow } from '../asl/compile.ts';
import type { CompiledWorkflow } from '../asl/compiled.ts';
import { validateDefinition } from '../engine/definition/validate.ts';
import { CloudgatherError, type SourcePosition, WorkflowNotFound } from '../errors.ts';
import { workflowFiles } from '../local/workflow-modules.ts';
import { isWorkflow, type Workflow } from '../workflow/workflow.ts';
import type { Finding } from './findings.ts';
import { watchModules } from './hook.ts';
import { SyntaxFound } from './rewrite.ts';
import { Session } from './session.ts';

/** What a check of a project's workflows gives. */
export interface Checked {
  /** The workflows that nothing is wrong with, as they are deployed, in the order of their files. */
  readonly workflows: readonly CompiledWorkflow[];
  /** By file, line and column. */
  readonly findings: readonly Finding[];
  /** Places with a condition or the like that tracing never came by, one a line: nobody looked at them. */
  readonly unreached: readonly SourcePosition[];
}

/**
 * Loads the workflows of a folder with a probe at each place where JavaScript decides something, and
 * gives all that is wrong: with the code, with its steps, and with the documents that are made of it.
 * A process can check a folder once, before anything else loads its modules.
 *
 * @param names some workflows, by their names ('panel') or their files' ('01-panel'). Default: all
 * @throws UsageError where the folder cannot be read; WorkflowNotFound
 */
export async function checkWorkflows(
  folder: string,
  names: readonly string[] = [],
): Promise<Checked> {
  const session = new Session();
  const unwatch = watchModules(session);
  try {
    const loaded: Workflow[] = [];
    for (const file of await workflowFiles(folder))
      loaded.push(...(await load(folder, file, session)));
    const compiled = compileAll(loaded, folder, session);
    return of(asked(names, loaded, folder, session), compiled, folder, session);
  } finally {
    unwatch();
  }
}

/** The workflows that a module exports. What the module throws is a finding. */
async function load(folder: string, file: string, session: Session): Promise<Workflow[]> {
  const start = { file: `${folder}/${file}`, line: 1, column: 1 };
  try {
    const module: Record<string, unknown> = await import(
      pathToFileURL(path.resolve(folder, file)).href
    );
    const workflows: Workflow[] = [];
    for (const [name, value] of Object.entries(module)) {
      if (isWorkflow(value) && !session.isBroken(value)) workflows.push(value);
      else if (value instanceof Promise) await checkPromise(name, value, start, session);
    }
    return workflows;
  } catch (error) {
    session.fail(loadFailure(error), { position: start });
    return [];
  }
}

/** A definition that is not awaited is no workflow to anybody, and nobody would say so. */
async function checkPromise(
  name: string,
  promise: Promise<unknown>,
  position: SourcePosition,
  session: Session,
): Promise<void> {
  const value = await promise;
  if (!isWorkflow(value)) return;
  const message = `The export '${name}' is a promise of workflow '${value.name}', so nothing can run or deploy it. Write export const ${name} = await workflow(...).`;
  session.findings.add({ ...position, rule: 'not-awaited', message });
}

function loadFailure(error: unknown): Error {
  if (error instanceof CloudgatherError || error instanceof SyntaxFound) return error;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const failure = new Error(
    `The module cannot be loaded: ${what}. Its code runs once, before any run, to trace its workflows.`,
  );
  failure.name = 'module';
  if (error instanceof Error && error.stack !== undefined) failure.stack = error.stack;
  return failure;
}

/** Compiles each workflow; whatever synthesizing or creating the state machine would say is a finding. */
function compileAll(
  workflows: readonly Workflow[],
  folder: string,
  session: Session,
): readonly CompiledWorkflow[] {
  const compiled = new Map<string, CompiledWorkflow>();
  for (const workflow of new Set(workflows)) {
    const at = session.definition(workflow) ?? { file: folder, line: 1, column: 1 };
    const tell = (rule: string, message: string) => session.findings.add({ ...at, rule, message });
    if (compiled.has(workflow.name)) {
      tell('name', `Another workflow is named '${workflow.name}' too. Rename one.`);
      continue;
    }
    try {
      const document = compileWorkflow(workflow);
      compiled.set(workflow.name, document);
      for (const { rule, message } of documentFindings(document)) tell(rule, message);
    } catch (error) {
      if (!(error instanceof CloudgatherError)) throw error;
      tell(error.name, error.message);
    }
  }
  return [...compiled.values()];
}

/** What AWS would say of the document when the state machine is created, and which modules are missing. */
function* documentFindings({
  name,
  definition,
  functions,
}: CompiledWorkflow): Generator<Pick<Finding, 'rule' | 'message'>> {
  const { diagnostics } = validateDefinition(withArns(definition));
  for (const { severity, code, message, location } of diagnostics) {
    if (severity !== 'ERROR') continue;
    yield {
      rule: 'document',
      message: `The document of workflow '${name}' is not valid Amazon States Language: ${message} (${code}${location ? ` at ${location}` : ''}). 'cloudgather show-asl ${name}' prints it.`,
    };
  }
  for (const need of functions) {
    if (need.kind !== 'task' || existsSync(need.entry)) continue;
    yield {
      rule: 'task',
      message: `Workflow '${name}' has a task in ${need.entry}, and there is no such file. Write it, or mend the path: it starts at the project's root.`,
    };
  }
}

/** ARNs of no account where the deployed ones will be. */
function withArns(definition: string): string {
  return definition.replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:123456789012:function:$1');
}

/** The files of the workflows that were asked for; null for all. @throws WorkflowNotFound */
function asked(
  names: readonly string[],
  loaded: readonly Workflow[],
  folder: string,
  session: Session,
): ReadonlySet<string> | null {
  if (names.length === 0) return null;
  const files = new Set<string>();
  for (const name of names) {
    const file =
      session.fileOf(name) ??
      [...session.modules.keys()].find((one) => one.replace(/\.\w+$/, '') === `${folder}/${name}`);
    if (file === undefined) {
      throw new WorkflowNotFound(
        `There is no workflow '${name}'. The workflows are: ${loaded.map((each) => each.name).join(', ') || 'none'}.`,
      );
    }
    files.add(file);
  }
  return files;
}

/** What concerns these files, and the modules outside of the folder, which they may share. */
function of(
  files: ReadonlySet<string> | null,
  workflows: readonly CompiledWorkflow[],
  folder: string,
  session: Session,
): Checked {
  const concerns = ({ file }: SourcePosition): boolean =>
    files === null || files.has(file) || !file.startsWith(`${folder}/`);
  return {
    workflows: workflows.filter(({ name }) => {
      const file = session.fileOf(name);
      return file === undefined || concerns({ file, line: 1, column: 1 });
    }),
    findings: session.findings.list.filter(concerns),
    unreached: session.sites.unreached.filter(concerns),
  };
}
