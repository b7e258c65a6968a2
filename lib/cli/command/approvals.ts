import { askedBy } from '../../local/approval/answered.ts';
import type { RunStore } from '../../local/store/run-store.ts';
import type { StoredRun } from '../../local/store/stored-run.ts';
import type { Approval } from '../../run/approval.ts';
import { printable, readable } from '../format.ts';
import { findRun, type RunNaming, readStore } from '../stored-run.ts';
import type { Terminal } from '../terminal.ts';
import { localTime } from './runs.ts';

export interface ApprovalsOptions extends RunNaming {
  readonly json?: boolean;
}

interface WaitingRun {
  readonly workflow: string;
  readonly run: string;
  /** Nobody goes on with it: it has to be resumed before it can be answered. */
  readonly interrupted: boolean;
  readonly approvals: readonly Approval[];
}

/** `cloudgather approvals [id]`: what waits for a person, in one run or in all on this machine. */
export function approvals(
  id: string | undefined,
  options: ApprovalsOptions,
  terminal: Terminal,
): number {
  const waiting = readStore((store) => {
    if (!store && id === undefined) return [];
    const runs =
      id === undefined ? openRuns(store as RunStore, options) : [findRun(store, id, options)];
    return runs.map((run) => waitingIn(store as RunStore, run));
  }).filter((run) => run.approvals.length > 0);
  if (options.json) terminal.out(`${JSON.stringify(waiting, null, 2)}\n`);
  else if (waiting.length === 0) terminal.err('Nothing waits for approval.\n');
  else for (const run of waiting) terminal.out(shown(run));
  return 0;
}

function openRuns(store: RunStore, { workflow }: RunNaming): readonly StoredRun[] {
  return store.list(workflow, -1).filter(({ status }) => status === 'RUNNING');
}

function waitingIn(store: RunStore, run: StoredRun): WaitingRun {
  const asked = askedBy(store, run).map(({ approval }) => approval);
  return {
    workflow: run.workflow,
    run: run.id,
    interrupted: store.isInterrupted(run),
    approvals: asked.filter(({ waits }) => waits),
  };
}

function shown({ workflow, run, interrupted, approvals }: WaitingRun): string {
  const hint = interrupted
    ? `interrupted: 'cloudgather resume ${run}' goes on with it, then it can be answered`
    : `'cloudgather approve ${run}' approves, with --reject rejects`;
  const lines = approvals.map(({ step, question, details, until }) =>
    [
      `  ${printable(step)}, until ${localTime(until)}\n`,
      readable(question, '    '),
      details === null ? '' : readable(details, '      '),
    ].join(''),
  );
  return [`${workflow} ${run}\n`, ...lines, `  ${hint}\n`].join('');
}
