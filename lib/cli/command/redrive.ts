import { type FollowOptions, follow, printEnd } from '../follow.ts';
import { openRunnerOf, type RunNaming } from '../stored-run.ts';
import type { Terminal } from '../terminal.ts';

/**
 * `cloudgather redrive <id>`: runs again what failed in a run, and follows it to its end. Exit codes
 * as `run` has them: 0 succeeded, 1 failed again, 2 (thrown) nothing was run.
 */
export async function redrive(
  id: string,
  options: RunNaming & FollowOptions,
  terminal: Terminal,
): Promise<number> {
  const { stored, runner, scripted } = await openRunnerOf(id, options, terminal);
  try {
    const run = await runner.redrive(stored.workflow, stored.id);
    return printEnd(await follow(runner, run, options, terminal), options, scripted(), terminal);
  } finally {
    await runner.close();
  }
}
