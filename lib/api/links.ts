import type { Run } from '../run/run.ts';
import type { RunSummary, WorkflowInfo } from '../run/runner.ts';

/** A workflow and where to go from it. Links are paths on the same server. */
export function linkWorkflow(workflow: WorkflowInfo) {
  const self = `/workflows/${encodeURIComponent(workflow.name)}`;
  return { ...workflow, links: { self, runs: `${self}/runs` } };
}

/** A run, or its summary, and where to go from it. `stop` and `redrive` are there while they can be done. */
export function linkRun<T extends Run | RunSummary>(run: T) {
  const self = `/workflows/${encodeURIComponent(run.workflow)}/runs/${encodeURIComponent(run.id)}`;
  const stop = run.status === 'RUNNING' && { stop: `${self}/stop` };
  const failed = run.status !== 'RUNNING' && run.status !== 'SUCCEEDED';
  const redrive = failed && { redrive: `${self}/redrive` };
  return { ...run, links: { self, events: `${self}/events`, ...stop, ...redrive } };
}
