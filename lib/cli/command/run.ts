import type { CompiledWorkflow } from '../../asl/compiled.ts';
import { createRunFold } from '../../run/fold.ts';
import type { Run } from '../../run/run.ts';
import type { Runner } from '../../run/runner.ts';
import { printable, readable } from '../format.ts';
import { onInterrupt } from '../interrupt.ts';
import { showProgress } from '../progress.ts';
import { compileNamed } from '../project.ts';
import { readRunInput } from '../run-input.ts';
import { openRunner, type RunnerChoice } from '../runner-choice.ts';
import { summary } from '../summary.ts';
import type { Terminal } from '../terminal.ts';

export interface RunOptions extends RunnerChoice {
  /** JSON, '@file' or '-'. */
  readonly input?: string;
  /** Prints one Run as JSON instead of text. */
  readonly json?: boolean;
  /** The run's id, and so its idempotency key. */
  readonly id?: string;
}

/**
 * `cloudgather run <workflow> [text]`: starts a run, follows it to its end and prints its output.
 * Exit codes: 0 it succeeded, 1 it failed or was stopped, 2 (thrown) it was not started.
 */
export async function run(
  name: string,
  text: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const workflow = await compileNamed(name);
  const input = await readRunInput(
    {
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(text === undefined ? {} : { text }),
    },
    workflow.inputSchema,
  );
  const opened = await openRunner([workflow], options, terminal);
  try {
    const start = options.id === undefined ? {} : { id: options.id };
    const started = await opened.runner.start(workflow.name, input, start);
    const ended = await follow(opened.runner, workflow, started, options, terminal);
    print(ended, options, opened.scripted(), terminal);
    return ended.status === 'SUCCEEDED' ? 0 : 1;
  } finally {
    await opened.runner.close();
  }
}

/** Shows the run until it is closed; Ctrl-C stops it. */
async function follow(
  runner: Runner,
  workflow: CompiledWorkflow,
  started: Run,
  options: RunOptions,
  terminal: Terminal,
): Promise<Run> {
  const fold = createRunFold(started);
  const quiet = options.json && !terminal.live;
  const progress = quiet ? null : await showProgress(terminal);
  const release = onInterrupt(() => runner.stop(workflow.name, started.id, 'Stopped by Ctrl-C.'));
  try {
    for await (const event of runner.events(workflow.name, started.id)) {
      fold.apply(event);
      progress?.update(fold.run);
    }
    return fold.run;
  } finally {
    release();
    progress?.end();
  }
}

function print(run: Run, options: RunOptions, scripted: boolean, terminal: Terminal): void {
  if (options.json) terminal.out(`${JSON.stringify(run, null, 2)}\n`);
  else if (run.status === 'SUCCEEDED') terminal.out(readable(run.output));
  if (run.status !== 'SUCCEEDED' && run.status !== 'RUNNING') {
    const why = [run.error, message(run.cause)].filter((part) => part).join(': ');
    terminal.err(`${run.workflow} ${outcome[run.status]}${why ? `: ${printable(why)}` : '.'}\n`);
  }
  if (!options.json) terminal.err(summary(run, scripted));
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
