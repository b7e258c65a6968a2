export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** One piece of output of a function: a console call, or a write to its stdout or stderr. */
export interface FunctionLog {
  readonly function: string;
  /** The invocation that wrote it; null for output outside of any, such as a module's top level. */
  readonly requestId: string | null;
  /** 'info' for stdout and 'error' for stderr where no console call tells. */
  readonly level: LogLevel;
  /** As `console.log` formats it, without the last line break. At most 64 Ki characters. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}
