import { summaryOf } from '../../local/stored-history.ts';
import type { RunSummary } from '../../run/runner.ts';
import { duration } from '../format.ts';
import { readStore } from '../stored-run.ts';
import type { Terminal } from '../terminal.ts';

export interface RunsOptions {
  readonly limit: number;
  readonly json?: boolean;
}

/** `cloudgather runs [workflow]`: the runs on this machine, newest first. */
export function runs(
  workflow: string | undefined,
  options: RunsOptions,
  terminal: Terminal,
): number {
  const listed = readStore((store) =>
    (store?.list(workflow, options.limit) ?? []).map((run) => summaryOf(store!, run)),
  );
  if (options.json) {
    terminal.out(`${JSON.stringify(listed, null, 2)}\n`);
    return 0;
  }
  if (listed.length === 0) {
    const of = workflow === undefined ? '' : ` of '${workflow}'`;
    terminal.err(`There are no runs${of} yet. 'cloudgather run' starts one.\n`);
  }
  const rows = listed.map((run) => [run.id, run.workflow, statusWord(run), startTime(run)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    terminal.out(`${cells.join('  ')}\n`);
  }
  return 0;
}

function statusWord({ status, interrupted }: RunSummary): string {
  return interrupted ? 'interrupted' : status.toLowerCase().replace('_', ' ');
}

/** '2026-11-22 19:40:01, took 0.62 s', in the machine's time zone. */
function startTime({ startedAt, stoppedAt }: RunSummary): string {
  const took = stoppedAt ? `, took ${duration(Date.parse(stoppedAt) - Date.parse(startedAt))}` : '';
  return `${localTime(startedAt)}${took}`;
}

/** ISO 8601 without the T and the zone, in the machine's time zone. */
export function localTime(iso: string): string {
  // Swedish dates are written as ISO 8601 has them.
  return new Date(iso).toLocaleString('sv-SE');
}
