import type { LogLevel } from './function-log.ts';

/** What a worker is told at its start (its `workerData`). */
export interface WorkerStart {
  readonly functionName: string;
  readonly functionArn: string;
  /** URL of the bundle. */
  readonly module: string;
  readonly handler: string;
  /** False: nobody listens, so output is dropped where it is written. */
  readonly logs: boolean;
}

/** Host to worker, in batches: all that happened in one turn of the host's event loop. */
export type HostMessage =
  | {
      readonly kind: 'invoke';
      readonly id: number;
      readonly requestId: string;
      /** JSON text. */
      readonly payload: string;
      /** Milliseconds since the epoch. */
      readonly deadline: number;
    }
  | {
      readonly kind: 'cancel';
      readonly id: number;
      /** The name of the signal's reason. */
      readonly name: 'AbortError' | 'TimeoutError';
      readonly text: string;
    };

/** Worker to host, in batches. `cause` is JSON text in Lambda's shape of an error. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unready'; readonly cause: string }
  | { readonly kind: 'result'; readonly id: number; readonly text: string }
  | { readonly kind: 'error'; readonly id: number; readonly cause: string }
  /** What a handler told while it ran, by `context.tell`. */
  | { readonly kind: 'told'; readonly message: unknown }
  /** The event loop turned after a 'cancel': the worker is not blocked. */
  | { readonly kind: 'cancelled'; readonly id: number }
  /** An error that belongs to no invocation: on AWS it ends the runtime. */
  | { readonly kind: 'crash'; readonly cause: string }
  | { readonly kind: 'exit'; readonly id: number | null; readonly code: number }
  | {
      readonly kind: 'log';
      readonly requestId: string | null;
      readonly level: LogLevel;
      readonly text: string;
      readonly time: number;
    };
