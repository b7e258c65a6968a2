/** Where a command writes: answers to `out`, everything else to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal that can be redrawn. */
  readonly live: boolean;
  readonly columns: number;
  /** Characters that one answer may have where people read it; elsewhere there is no limit. */
  readonly most: number;
  /** Set while something is redrawn in place: writes above it, so that neither spoils the other. */
  above?: ((text: string) => void) | undefined;
}

/** The process's own streams. A reader that goes away (`| head`) ends the output, not the program. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(text),
    err: (text) => (terminal.above ? terminal.above(text) : void process.stderr.write(text)),
    live: process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI,
    columns: process.stderr.columns ?? 100,
    most: process.stdout.isTTY ? 20_000 : Number.POSITIVE_INFINITY,
  };
  return terminal;
}
