import { createRunFold } from '../run/fold.ts';
import { mentionsPayload } from '../run/mention.ts';
import type { Run } from '../run/run.ts';
import type { Runner } from '../run/runner.ts';
import { isTokens } from '../run/token-event.ts';
import { isWatched } from '../run-name.ts';
import { printable, readable, shown } from './format.ts';
import { onInterrupt } from './interrupt.ts';
import { showProgress } from './progress.ts';
import { summary } from './summary.ts';
import type { Terminal } from './terminal.ts';

export interface FollowOptions {
  /** Prints one Run as JSON instead of text. */
  readonly json?: boolean;
  /** The text of the models is shown as it comes; with `json` each event is printed in a line of its own. */
  readonly watch?: boolean;
  /** The run is one of AWS: the commands for runs of this machine do not know it. */
  readonly aws?: boolean;
}

/** Shows the run until it is closed; Ctrl-C stops it. */
async function follow(
  runner: Runner,
  started: Run,
  options: FollowOptions,
  terminal: Terminal,
): Promise<Run> {
  const { workflow, id } = started;
  const fold = createRunFold(started);
  const quiet = options.json && !terminal.live;
  const progress = quiet ? null : await showProgress(terminal);
  const release = onInterrupt(() => runner.stop(workflow, id, 'Stopped by Ctrl-C.'));
  try {
    const afterTokens = isWatched(id) ? 0 : undefined;
    for await (const event of runner.events(workflow, id, { afterTokens })) {
      if (options.json && options.watch) terminal.out(`${JSON.stringify(event)}\n`);
      if (isTokens(event)) progress?.tell(event, fold.run);
      else {
        fold.apply(event);
        progress?.update(fold.run);
      }
    }
    // Only a run of another process can be open still: that process has ended. What the events tell of
    // a large output is a reference, and of what the items of a Distributed Map spent nothing.
    const { status, spendIsWhole } = fold.run;
    const isWhole = status !== 'RUNNING' && spendIsWhole !== false && !mentionsPayload(fold.run);
    return isWhole ? fold.run : await runner.get(workflow, id);
  } finally {
    release();
    progress?.end();
  }
}

/**
 * Sets a run going, follows it to its end, prints that and closes the runner. Gives the exit code: 0 it
 * succeeded, 1 it did not. What keeps it from going is thrown.
 */
export async function followToEnd<R extends Runner>(
  { runner, scripted }: { readonly runner: R; scripted(): boolean },
  begin: (runner: R) => Promise<Run>,
  options: FollowOptions,
  terminal: Terminal,
): Promise<number> {
  try {
    const ended = await follow(runner, await begin(runner), options, terminal);
    return printEnd(ended, options, scripted(), terminal);
  } finally {
    await runner.close();
  }
}

/** Prints how a run ended, and gives the exit code: 0 it succeeded, 1 it did not. */
function printEnd(run: Run, options: FollowOptions, scripted: boolean, terminal: Terminal): number {
  if (options.json) terminal.out(`${JSON.stringify(run, null, options.watch ? 0 : 2)}\n`);
  else if (run.status === 'SUCCEEDED') terminal.out(shown(readable(run.output), terminal.most));
  if (run.status !== 'SUCCEEDED') terminal.err(`${ending(run)}\n`);
  if (!options.json) terminal.err(summary(run, scripted));
  if (run.status !== 'SUCCEEDED' && run.status !== 'RUNNING' && !options.json && !options.aws) {
    terminal.err(`'cloudgather redrive ${run.id}' runs again what failed, and only that.\n`);
  }
  return run.status === 'SUCCEEDED' ? 0 : 1;
}

/** 'panel failed: Model.RateLimited: Too many requests.' */
export function ending(run: Run): string {
  if (run.status === 'RUNNING') {
    return run.interrupted
      ? `${run.workflow} was interrupted: the process that ran it has ended. 'cloudgather resume ${run.id}' goes on with it.`
      : `${run.workflow} is running.`;
  }
  if (run.status === 'SUCCEEDED') return `${run.workflow} succeeded.`;
  const why = [run.error, message(run.cause)].filter((part) => part).join(': ');
  return `${run.workflow} ${outcome[run.status]}${why ? `: ${printable(why)}` : '.'}`;
}

const outcome = { FAILED: 'failed', TIMED_OUT: 'timed out', ABORTED: 'was stopped' } as const;

/** A Lambda function's failure has JSON text as its cause; people want the message in it. */
function message(cause: string | null): string | null {
  if (!cause?.startsWith('{')) return cause;
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
