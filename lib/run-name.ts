/**
 * The grammar of run names, in one place. A run's name, which is its id and its execution's name, is
 * a base and then marks, each of which tells the run's functions something that they need no look-up
 * for: a model function receives the name with every call. A mark is two hyphens and a word.
 *
 * | mark | says |
 * |---|---|
 * | `--watched` | somebody watches: model calls are streamed and their text is told |
 */
export const watchedMark = '--watched';

/** The longest name (AWS docs: StartExecution `name`). */
export const longestRunName = 80;

/** Whether the name says that somebody watches the run. */
export function isWatched(name: string): boolean {
  return name.endsWith(watchedMark);
}

/** The name of a run that is watched; one that says so already stays as it is. */
export function watchedName(name: string): string {
  return isWatched(name) ? name : name + watchedMark;
}
