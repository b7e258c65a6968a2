import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleFunction } from '../../bundle/bundle.ts';
import { functionEnvironment, localFunctionArn } from './environment.ts';
import type { FunctionLog } from './function-log.ts';
import { DEFAULT_MEMORY_MB, type FunctionSpec } from './function-spec.ts';
import { FunctionWorker, type WorkerPlan } from './function-worker.ts';
import { Invocation, type InvokeOptions } from './invocation.ts';
import { Meter } from './meter.ts';
import { refusePayload } from './runtime-failure.ts';

/** What all functions of a host share. */
export interface HostSettings {
  readonly root: string;
  readonly cacheDir: string | undefined;
  readonly blockedLimitMs: number;
  readonly onLog: ((log: FunctionLog) => void) | undefined;
  readonly onTold: ((message: unknown) => void) | undefined;
}

/** Lambda gives a function's start 10 s, and then once more the time of an invocation. */
const START_LIMIT_MS = 10_000;

const BOOTSTRAP = fileURLToPath(new URL('./worker/bootstrap.ts', import.meta.url));

/** One function of a host: its worker, when there is one, and its meter. */
export class HostedFunction {
  readonly meter = new Meter();
  readonly #spec: FunctionSpec;
  readonly #settings: HostSettings;
  #worker: Promise<FunctionWorker> | undefined;

  constructor(spec: FunctionSpec, settings: HostSettings) {
    this.#spec = spec;
    this.#settings = settings;
  }

  invoke(payload: string, options: InvokeOptions): Promise<string> {
    const limitMs = this.#spec.timeoutSeconds * 1000;
    const invocation = new Invocation(payload, limitMs, options, this.meter);
    const refusal = refusePayload(payload, invocation.requestId);
    if (refusal) invocation.fail(refusal);
    else this.#start(invocation, options.signal);
    return invocation.answer;
  }

  /** Starts the worker, unless it runs. @throws UsageError, FunctionError when it cannot start. */
  async prewarm(): Promise<void> {
    const worker = await this.#running();
    await worker.ready();
  }

  /** Ends the worker; invocations in flight reject with what `reason` gives. */
  async close(reason: (requestId: string) => unknown): Promise<void> {
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.close(reason);
  }

  #start(invocation: Invocation, signal: AbortSignal | undefined): void {
    let worker: FunctionWorker | undefined;
    if (signal) invocation.watch(signal, (why) => worker?.cancel(invocation, why));
    if (invocation.settled) return;
    this.#running().then(
      (running) => {
        worker = running;
        running.run(invocation);
      },
      (error: unknown) => invocation.fail(error),
    );
  }

  #running(): Promise<FunctionWorker> {
    if (this.#worker) return this.#worker;
    const starting: Promise<FunctionWorker> = this.#plan().then((plan) => {
      this.meter.workerStarted();
      return new FunctionWorker(plan, {
        log: (log) => this.#settings.onLog?.(log),
        told: (message) => this.#settings.onTold?.(message),
        gone: () => this.#forget(starting),
      });
    });
    this.#worker = starting;
    starting.catch(() => this.#forget(starting));
    return starting;
  }

  #forget(worker: Promise<FunctionWorker>): void {
    if (this.#worker === worker) this.#worker = undefined;
  }

  async #plan(): Promise<WorkerPlan> {
    const spec = this.#spec;
    const { root, cacheDir, onLog, blockedLimitMs } = this.#settings;
    const shared = { root, ...(cacheDir === undefined ? {} : { cacheDir }) };
    // As a bundle the bootstrap starts in half the time: a thread that strips types loads a compiler.
    const [bootstrap, file, variables] = await Promise.all([
      bundleFunction({ entry: BOOTSTRAP, ...shared }).then((bundle) => bundle.file),
      spec.file !== undefined
        ? resolve(root, spec.file)
        : bundleFunction({
            entry: spec.entry,
            handler: spec.handler,
            task: spec.task,
            ...shared,
          }).then((bundle) => bundle.file),
      typeof spec.environment === 'function' ? spec.environment() : spec.environment,
    ]);
    return {
      bootstrap,
      start: {
        functionName: spec.name,
        functionArn: localFunctionArn(spec.name),
        module: pathToFileURL(file).href,
        handler: spec.task ? `cloudgather.${spec.handler}` : spec.handler,
        logs: onLog !== undefined,
      },
      environment: functionEnvironment(spec, variables, dirname(file)),
      memoryMb: spec.memoryMb ?? DEFAULT_MEMORY_MB,
      startLimitMs: START_LIMIT_MS + spec.timeoutSeconds * 1000,
      blockedLimitMs,
    };
  }
}
