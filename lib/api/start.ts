import type { Context } from 'hono';
import { RunConflict, UsageError, WorkflowNotFound } from '../errors.ts';
import type { Json, JsonSchema } from '../json.ts';
import { startId } from '../run/id.ts';
import { checkInput } from '../run/input.ts';
import type { Run } from '../run/run.ts';
import type { Runner, StartOptions, WorkflowInfo } from '../run/runner.ts';
import { sameJson } from '../run/same.ts';
import { inputOf } from './body.ts';
import { runIdOf } from './idempotency.ts';
import { linkRun } from './links.ts';
import { tellRun } from './told-run.ts';

/**
 * POST /workflows/{name}/runs: 202 for a run that goes on, 200 for one that had ended already. With
 * `?watch=true` the run's events tell the text of its model calls as it comes; with `?reuse=<run id>` its
 * calls that say `reuse` take the answers of that run.
 * @param size bytes that a run may have as an answer: see `ApiOptions.runSize`
 */
export async function startRun(
  c: Context,
  runner: Runner,
  workflow: string,
  size?: number,
): Promise<Response> {
  const body = await inputOf(c);
  if (body instanceof Response) return body;
  const key = c.req.header('Idempotency-Key');
  const watch = watchOf(c);
  const reused = c.req.query('reuse');
  const reuse = reused === undefined ? {} : { reuse: reused };
  const run =
    key === undefined
      ? await runner.start(workflow, body.input, { watch, ...reuse })
      : await startOnce(runner, workflow, body.input, {
          id: runIdOf(key, watch),
          watch,
          ...reuse,
        });
  c.header('Location', linkRun(run).links.self);
  return tellRun(c, runner, run, { size, status: run.status === 'RUNNING' ? 202 : 200 });
}

/**
 * A client that asks again because it saw no answer gets the run of its first request, also when that
 * run has ended meanwhile: for a Runner, an id whose run is closed is a conflict.
 */
async function startOnce(
  runner: Runner,
  workflow: string,
  input: Json,
  options: StartOptions,
): Promise<Run> {
  try {
    return await runner.start(workflow, input, options);
  } catch (error) {
    if (!(error instanceof RunConflict)) throw error;
    const run = await runner.get(workflow, startId(options));
    const { inputSchema } = await workflowNamed(runner, workflow);
    if (sameJson(run.input, checkInput(inputSchema as JsonSchema, input))) return run;
    throw new RunConflict(
      `The Idempotency-Key was used for another input of workflow "${workflow}". ` +
        'Send the same input, or choose a new key.',
    );
  }
}

function watchOf(c: Context): boolean {
  const text = c.req.query('watch') ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new UsageError('The parameter "watch" is neither "true" nor "false".');
}

/** @throws WorkflowNotFound */
export async function workflowNamed(runner: Runner, name: string): Promise<WorkflowInfo> {
  const workflows = await runner.workflows();
  const found = workflows.find((workflow) => workflow.name === name);
  if (found) return found;
  const known = workflows.map((workflow) => `"${workflow.name}"`).join(', ') || 'none';
  throw new WorkflowNotFound(`There is no workflow "${name}". Known: ${known}.`);
}
