import { type FollowOptions, follow, printEnd } from '../follow.ts';
import { compileNamed } from '../project.ts';
import { readRunInput } from '../run-input.ts';
import { openRunner, type RunnerChoice } from '../runner-choice.ts';
import type { Terminal } from '../terminal.ts';

export interface RunOptions extends RunnerChoice, FollowOptions {
  /** JSON, '@file' or '-'. */
  readonly input?: string;
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
  const { runner, scripted } = await openRunner([workflow], options, terminal);
  try {
    const start = options.id === undefined ? {} : { id: options.id };
    const started = await runner.start(workflow.name, input, start);
    const ended = await follow(runner, started, options, terminal);
    return printEnd(ended, options, scripted(), terminal);
  } finally {
    await runner.close();
  }
}
