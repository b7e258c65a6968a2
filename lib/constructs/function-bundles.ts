import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompiledWorkflow } from '../asl/compiled.ts';
import { bundleFunction } from '../bundle/bundle.ts';

export interface BackgroundBundles {
  readonly submit: string;
  readonly webhook: string;
  readonly sweep: string;
  /** Checks the links that webhooks come by. */
  readonly authorizer: string;
}

/** Folders that hold an `index.mjs` each, ready to be assets. */
export interface FunctionBundles {
  /** The one model handler, deployed once for each provider. */
  readonly model: string;
  readonly api: string;
  /** What serves the background lane; absent: no workflow uses it. */
  readonly background?: BackgroundBundles;
  /** What asks people and takes their answers; absent: no workflow asks. */
  readonly approvals?: ApprovalBundles;
  /** By the entry of the task: 'functions/search.ts'. */
  readonly tasks: ReadonlyMap<string, string>;
}

export interface ApprovalBundles {
  readonly ask: string;
  readonly link: string;
  readonly authorizer: string;
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
  const directory = async (root: string, entry: string, handler: string, task = false) =>
    (await bundleFunction({ root, entry, handler, task, cacheDir })).directory;
  const needs = workflows.flatMap((workflow) => workflow.functions);
  const tasks = needs.filter((need) => need.kind === 'task');
  const hasBackground = needs.some((need) => need.kind === 'submit');
  const hasApprovals = needs.some((need) => need.kind === 'approval');
  const own = (name: string) => directory(PACKAGE_ROOT, `functions/${name}.ts`, 'handler');
  const background = async () => {
    const names = ['model-submit', 'model-webhook', 'model-sweep', 'link-authorizer'];
    const [submit = '', webhook = '', sweep = '', authorizer = ''] = await Promise.all(
      names.map(own),
    );
    return { background: { submit, webhook, sweep, authorizer } };
  };
  const approvals = async () => {
    const names = ['approval', 'approval-link', 'link-authorizer'];
    const [ask = '', link = '', authorizer = ''] = await Promise.all(names.map(own));
    return { approvals: { ask, link, authorizer } };
  };

  const [more, most, model, api, ...taskDirectories] = await Promise.all([
    hasBackground ? background() : {},
    hasApprovals ? approvals() : {},
    own('model-call'),
    own('api'),
    ...tasks.map((need) => directory(projectRoot, need.entry, need.handler, true)),
  ]);
  return {
    ...more,
    ...most,
    model,
    api,
    tasks: new Map(tasks.map((need, i) => [need.entry, taskDirectories[i]!])),
  };
}
