import { ending } from '../follow.ts';
import { openRunnerOf, type RunNaming } from '../stored-run.ts';
import type { Terminal } from '../terminal.ts';

/**
 * `cloudgather stop <id>`: ends an open run, whichever process runs it. Exit codes: 0 it is closed,
 * now or before; 1 its process has not obeyed within five seconds.
 */
export async function stop(id: string, options: RunNaming, terminal: Terminal): Promise<number> {
  const { stored, runner } = await openRunnerOf(id, options, terminal);
  try {
    const run = await runner.stop(stored.workflow, stored.id, "Stopped by 'cloudgather stop'.");
    terminal.err(`${ending(run)}\n`);
    return run.status === 'RUNNING' ? 1 : 0;
  } finally {
    await runner.close();
  }
}
