/**
 * The grammar of run names, in one place. A run's name, which is its id and its execution's name, is
 * a base and then marks, each of which tells the run's functions something that they need no look-up
 * for: a model function receives the name with every call. A mark is two hyphens and a word.
 *
 * | mark | says |
 * |---|---|
 * | `--`, a workflow and 20 digits | another run started it, as an execution of its own |
 * | `--reuse-` and ten characters | it was started to reuse the answers of the run that the base names |
 * | `--watched` | somebody watches: model calls are streamed and their text is told |
 */
export const watchedMark = '--watched';

/** The longest part of a run's name in the name of an execution that it starts. */
export const longestLineage = 37;

/** The longest name (AWS docs: StartExecution `name`). */
export const longestRunName = 80;

/** Whether the name says that somebody watches the run. */
export function isWatched(name: string): boolean {
  return name.endsWith(watchedMark);
}

/**
 * What a run shares with those that belong to it: with the executions that it starts and with runs that
 * were started to reuse its answers. It is the name up to its first mark, and no more of it than the
 * name of an execution of its own holds. Large values and answers to reuse are kept under it.
 */
export function lineageOf(name: string): string {
  const base = name.split('--', 1).join('').slice(0, longestLineage);
  // A hyphen at the end cannot be told from those of the mark that follows it.
  return base.replace(/-+$/, '') || name;
}

/**
 * The name of a run that reuses the answers of another one.
 * @param tail ten characters of 0-9 and A-Z that tell it from the others of its lineage
 */
export function reusingName(other: string, tail: string): string {
  return `${lineageOf(other)}--reuse-${tail}`;
}

/** The name of a run that is watched; one that says so already stays as it is. */
export function watchedName(name: string): string {
  return isWatched(name) ? name : name + watchedMark;
}
