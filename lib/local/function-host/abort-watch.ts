/**
 * What to do when a signal is aborted, for many watchers of one signal: a fan-out of thousands often
 * shares one, and with a listener for each every removal would search through all of them.
 */
const watched = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `act` once when the signal is aborted, unless the function that it gives back is called. */
export function watchAbort(signal: AbortSignal, act: () => void): () => void {
  const watchers = watched.get(signal) ?? listen(signal);
  watchers.add(act);
  return () => watchers.delete(act);
}

function listen(signal: AbortSignal): Set<() => void> {
  const watchers = new Set<() => void>();
  watched.set(signal, watchers);
  const abort = () => {
    watched.delete(signal);
    for (const act of watchers) act();
  };
  signal.addEventListener('abort', abort, { once: true });
  return watchers;
}
