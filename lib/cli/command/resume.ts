import { type FollowOptions, follow, printEnd } from '../follow.ts';
import { openRunnerOf, type RunNaming } from '../stored-run.ts';
import type { Terminal } from '../terminal.ts';

/**
 * `cloudgather resume <id>`: goes on with an interrupted run, and follows it to its end. Exit codes as
 * `run` has them: 0 succeeded, 1 failed or stopped, 2 (thrown) nothing was run.
 */
export async function resume(
  id: string,
  options: RunNaming & FollowOptions,
  terminal: Terminal,
): Promise<number> {
  const { stored, runner, scripted } = await openRunnerOf(id, options, terminal);
  try {
    const run = await runner.resume(stored.workflow, stored.id);
    return printEnd(await follow(runner, run, options, terminal), options, scripted(), terminal);
  } finally {
    await runner.close();
  }
}
