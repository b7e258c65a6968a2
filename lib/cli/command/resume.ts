import { followReopened, type ReopenOptions } from '../reopened-run.ts';
import type { Terminal } from '../terminal.ts';

/**
 * `cloudgather resume <id>`: goes on with an interrupted run, and follows it to its end. Exit codes as
 * `run` has them: 0 succeeded, 1 failed or stopped, 2 (thrown) nothing was run.
 */
export function resume(id: string, options: ReopenOptions, terminal: Terminal): Promise<number> {
  return followReopened(id, options, terminal, (runner, workflow, runId) =>
    runner.resume(workflow, runId),
  );
}
