import { randomUUID } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import type { FunctionLog } from './function-log.ts';
import { checkFunctionSpecs, type FunctionSpec } from './function-spec.ts';
import { HostedFunction } from './hosted-function.ts';
import type { InvokeOptions } from './invocation.ts';
import type { FunctionMetrics } from './meter.ts';
import { functionNotFound } from './runtime-failure.ts';

export interface FunctionHostOptions {
  readonly functions: readonly FunctionSpec[];
  /** Hears all output of the functions. Without it output is dropped. */
  readonly onLog?: (log: FunctionLog) => void;
  /**
   * Hears what handlers tell while they run, by `context.tell`, each before its handler's answer.
   * Default: dropped.
   */
  readonly onTold?: (message: unknown) => void;
  /** What relative paths in the functions start from. Default: the working directory. */
  readonly root?: string;
  /** Where bundles are kept between runs. Default: `.cloudgather/bundles` under the root. */
  readonly cacheDir?: string;
  /** How long a handler that was told to stop may block its event loop. Default: 1,000. */
  readonly blockedLimitMs?: number;
}

/** Runs Lambda functions on this machine, each in a worker thread with its own environment. */
export interface FunctionHost {
  /**
   * Calls a function with JSON text and gives its answer as JSON text; `undefined` is `null`.
   *
   * Order: invocations of a function run at once in one thread and end in any order. First failure:
   * others go on, except when a handler ends the thread (process.exit, no memory, a blocked event
   * loop): then all of that function reject with a `Runtime.*` error that says why, and the next
   * invocation starts a new thread. A handler that timed out or was aborted is told by its signal; one
   * that does not listen goes on unheard, as long as it lets the event loop turn. Limits: 6 MiB in and out, the function's `timeoutSeconds`.
   *
   * @throws FunctionError when the function fails, in Lambda's words; a DOMException named AbortError
   * when `signal` is aborted or the host is closed; UsageError when the function cannot be bundled.
   */
  invoke(name: string, payload: string, options?: InvokeOptions): Promise<string>;
  /**
   * Bundles and starts the named functions (default: all) at the same time, before they are called.
   * @throws UsageError, FunctionError of the first that cannot start.
   */
  prewarm(names?: readonly string[]): Promise<void>;
  /** By function, since the host was made. */
  metrics(): Readonly<Record<string, FunctionMetrics>>;
  /** Ends every thread within a second. Invocations in flight, and later ones, reject. */
  close(): Promise<void>;
}

const BLOCKED_LIMIT_MS = 1000;

/** Nothing is started before the first `invoke` or `prewarm`. @throws UsageError */
export function createFunctionHost(options: FunctionHostOptions): FunctionHost {
  checkFunctionSpecs(options.functions);
  const settings = {
    root: options.root ?? process.cwd(),
    cacheDir: options.cacheDir,
    blockedLimitMs: options.blockedLimitMs ?? BLOCKED_LIMIT_MS,
    onLog: options.onLog,
    onTold: options.onTold,
  };
  const functions = new Map(
    options.functions.map((spec) => [spec.name, new HostedFunction(spec, settings)]),
  );
  let closing: Promise<void> | undefined;

  return {
    async invoke(name, payload, invokeOptions = {}) {
      if (closing) throw hostClosed();
      const hosted = functions.get(name);
      if (!hosted) throw functionNotFound(name, invokeOptions.requestId ?? randomUUID());
      return hosted.invoke(payload, invokeOptions);
    },
    async prewarm(names = [...functions.keys()]) {
      if (closing) throw hostClosed();
      await Promise.all(names.map((name) => known(functions, name).prewarm()));
    },
    metrics() {
      return Object.fromEntries(
        [...functions].map(([name, hosted]) => [name, hosted.meter.read()]),
      );
    },
    close() {
      closing ??= Promise.all(
        [...functions.values()].map((hosted) => hosted.close(hostClosed)),
      ).then(() => {});
      return closing;
    },
  };
}

function known(functions: ReadonlyMap<string, HostedFunction>, name: string): HostedFunction {
  const hosted = functions.get(name);
  if (hosted) return hosted;
  const names = [...functions.keys()].join(', ');
  throw new UsageError(`The host has no function '${name}'. Its functions are: ${names}.`);
}

function hostClosed(): DOMException {
  return new DOMException('The function host was closed.', 'AbortError');
}
