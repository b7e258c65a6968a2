/**
 * Calls `stop` at the first Ctrl-C (or SIGTERM); a second one ends the process at once. Returns the
 * function that takes the handlers away again.
 */
export function onInterrupt(stop: () => Promise<unknown>): () => void {
  let interrupted = false;
  const handle = (): void => {
    if (interrupted) process.exit(1);
    interrupted = true;
    stop().catch(() => process.exit(1));
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return () => {
    process.off('SIGINT', handle);
    process.off('SIGTERM', handle);
  };
}
