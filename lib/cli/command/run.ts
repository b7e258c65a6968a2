import { UsageError } from '../../errors.ts';
import { type FollowOptions, followToEnd } from '../follow.ts';
import { compileNamed, withCalled } from '../project.ts';
import { readRunInput } from '../run-input.ts';
import { openRunner, type RunnerChoice } from '../runner-choice.ts';
import type { Terminal } from '../terminal.ts';

export interface RunOptions extends RunnerChoice, FollowOptions {
  /** The folder of a cloud assembly: a machine of it is run instead of a workflow. */
  readonly assembly?: string;
  /** With `assembly`: the state machine. */
  readonly machine?: string;
  /** JSON, '@file' or '-'. */
  readonly input?: string;
  /** The run's id, and so its idempotency key. */
  readonly id?: string;
  /** The id of a run whose answers are reused, on this machine as much of it as is not another's. */
  readonly reuse?: string;
}

/**
 * `cloudgather run <workflow> [text]`: starts a run, follows it to its end and prints its output.
 * Exit codes: 0 it succeeded, 1 it failed or was stopped, 2 (thrown) it was not started.
 */
export async function run(
  name: string | undefined,
  text: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.assembly !== undefined) return runAssembly(name, text, options, terminal);
  if (name === undefined || options.machine !== undefined) {
    throw new UsageError(
      "Name a workflow ('cloudgather list' tells which there are), or a state machine of a CDK app by --assembly cdk.out --machine Name.",
    );
  }
  const workflow = await compileNamed(name);
  const input = await readRunInput(
    {
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(text === undefined ? {} : { text }),
    },
    workflow.inputSchema,
  );
  const opened = await openRunner(
    options.aws ? [workflow] : await withCalled(workflow),
    options,
    terminal,
  );
  const { id, watch = false } = options;
  const reuse = await reusedRun(workflow.name, options);
  const start = {
    watch,
    ...(id === undefined ? {} : { id }),
    ...(reuse === undefined ? {} : { reuse }),
  };
  return followToEnd(
    opened,
    (runner) => runner.start(workflow.name, input, start),
    options,
    terminal,
  );
}

/** @throws RunNotFound, UsageError */
async function reusedRun(
  workflow: string,
  { reuse, aws }: RunOptions,
): Promise<string | undefined> {
  if (reuse === undefined || aws) return reuse;
  const { findRun, readStore } = await import('../stored-run.ts');
  return readStore((store) => findRun(store, reuse, { workflow }).id);
}

async function runAssembly(
  name: string | undefined,
  text: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const { assembly = '', machine = name, aws, watch, reuse, ...rest } = options;
  if (reuse !== undefined) {
    throw new UsageError(
      '--reuse takes the answers of model calls in a workflow; the functions of a CDK app record none. Leave it out.',
    );
  }
  if (watch) {
    throw new UsageError(
      '--watch shows the text of model calls in a workflow; the functions of a CDK app tell none. Leave it out.',
    );
  }
  if (text !== undefined || aws || (name !== undefined && machine !== name)) {
    throw new UsageError(
      'With --assembly a state machine of the app is run here: name it by --machine, and write its input as --input JSON.',
    );
  }
  const { runMachine } = await import('./run-machine.ts');
  return runMachine({ ...rest, assembly, ...(machine === undefined ? {} : { machine }) }, terminal);
}
