import { existsSync } from 'node:fs';
import path from 'node:path';
import { RunNotFound, UsageError } from '../errors.ts';
import type { LocalRunner } from '../local/local-runner.ts';
import { RunStore } from '../local/store/run-store.ts';
import type { StoredRun } from '../local/store/stored-run.ts';
import { withCalled } from './project.ts';
import { openLocalRunner, runFolder } from './runner-choice.ts';
import type { Terminal } from './terminal.ts';

export interface RunNaming {
  /** The workflow, where runs of two have the same id. */
  readonly workflow?: string;
}

/** Reads the runs of this folder; `work` gets null where none was ever started. */
export function readStore<T>(work: (store: RunStore | null) => T): T {
  const folder = runFolder();
  if (!existsSync(path.join(folder, 'runs.sqlite'))) return work(null);
  const store = new RunStore(folder);
  try {
    return work(store);
  } finally {
    store.close();
  }
}

/** Finds a run by its id, or by as much of its beginning as is not another's. @throws RunNotFound, UsageError */
export function findRun(store: RunStore | null, id: string, naming: RunNaming): StoredRun {
  const { workflow } = naming;
  const found = (store?.matching(id) ?? []).filter(
    (run) => workflow === undefined || run.workflow === workflow,
  );
  const [run, other] = found;
  if (!run) {
    const of = workflow === undefined ? '' : ` of the workflow '${workflow}'`;
    throw new RunNotFound(
      `There is no run${of} whose id is or begins with '${id}'. 'cloudgather runs' lists them.`,
    );
  }
  if (!other) return run;
  const names = found.slice(0, 5).map((each) => `${each.workflow} ${each.id}`);
  const more = found.length > names.length ? `, and ${found.length - names.length} more` : '';
  throw new UsageError(
    `'${id}' means ${found.length} runs: ${names.join(', ')}${more}. ` +
      (run.id === other.id ? 'Say which with --workflow.' : 'Write more of the id.'),
  );
}

/** The run of that id, and a runner for what it was started with, whatever became of that since. */
export async function openRunnerOf(
  id: string,
  naming: RunNaming,
  terminal: Terminal,
): Promise<{ readonly stored: StoredRun; readonly runner: LocalRunner; scripted(): boolean }> {
  const { stored, program } = readStore((store) => {
    const stored = findRun(store, id, naming);
    return { stored, program: (store as RunStore).program(stored.program) };
  });
  if ('workflow' in program)
    return { stored, ...openLocalRunner(await withCalled(program.workflow), terminal) };
  const { openAssemblyRunner } = await import('./assembly-choice.ts');
  return { stored, ...openAssemblyRunner(program.assembly.folder, terminal) };
}
