import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompiledWorkflow } from '../asl/compiled.ts';
import { bundleFunction } from '../bundle/bundle.ts';

/** Folders that hold an `index.mjs` each, ready to be assets. */
export interface FunctionBundles {
  /** The one model handler, deployed once for each provider. */
  readonly model: string;
  readonly api: string;
  /** By the entry of the task: 'functions/search.ts'. */
  readonly tasks: ReadonlyMap<string, string>;
}

/** The model handler and the API are part of this package, whatever project deploys them. */
const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles all that the workflows need, before any construct is made, since constructs cannot wait.
 * These are the very bytes that the local function host runs, from the same cache.
 *
 * @param projectRoot absolute; the entries of tasks are relative to it
 * @throws UsageError when a task's module does not exist, does not compile or exports no such handler
 */
export async function bundleFunctions(
  workflows: readonly CompiledWorkflow[],
  projectRoot: string,
): Promise<FunctionBundles> {
  const cacheDir = join(projectRoot, '.cloudgather', 'bundles');
  const directory = async (root: string, entry: string, handler: string) =>
    (await bundleFunction({ root, entry, handler, cacheDir })).directory;
  const tasks = workflows
    .flatMap((workflow) => workflow.functions)
    .filter((need) => need.kind === 'task');

  const [model, api, ...taskDirectories] = await Promise.all([
    directory(PACKAGE_ROOT, 'functions/model-call.ts', 'handler'),
    directory(PACKAGE_ROOT, 'functions/api.ts', 'handler'),
    ...tasks.map((need) => directory(projectRoot, need.entry, need.handler)),
  ]);
  return { model, api, tasks: new Map(tasks.map((need, i) => [need.entry, taskDirectories[i]!])) };
}
