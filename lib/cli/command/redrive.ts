import { followReopened, type ReopenOptions } from '../reopened-run.ts';
import type { Terminal } from '../terminal.ts';

/**
 * `cloudgather redrive <id>`: runs again what failed in a run, and follows it to its end. Exit codes
 * as `run` has them: 0 succeeded, 1 failed again, 2 (thrown) nothing was run.
 */
export function redrive(id: string, options: ReopenOptions, terminal: Terminal): Promise<number> {
  return followReopened(id, options, terminal, (runner, workflow, runId) =>
    runner.redrive(workflow, runId),
  );
}
