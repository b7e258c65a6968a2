import type { LocalRunner } from '../local/local-runner.ts';
import type { Run } from '../run/run.ts';
import { type FollowOptions, followToEnd } from './follow.ts';
import { openRunnerOf, type RunNaming } from './stored-run.ts';
import type { Terminal } from './terminal.ts';

export type ReopenOptions = RunNaming & FollowOptions;

/**
 * Sets the stored run of that id going again by `reopen`, follows it to its end and prints that. Gives
 * the exit code: 0 it succeeded, 1 it did not. What keeps it from going is thrown.
 */
export async function followReopened(
  id: string,
  options: ReopenOptions,
  terminal: Terminal,
  reopen: (runner: LocalRunner, workflow: string, id: string) => Promise<Run>,
): Promise<number> {
  const { stored, ...opened } = await openRunnerOf(id, options, terminal);
  const begin = (runner: LocalRunner) => reopen(runner, stored.workflow, stored.id);
  return followToEnd(opened, begin, options, terminal);
}
