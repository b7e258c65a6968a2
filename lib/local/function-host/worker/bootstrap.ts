/**
 * What runs in a function's thread: loads its handler, runs each invocation that the host sends in an
 * async context of its own, and answers. The host bundles this file, so a thread starts without a
 * TypeScript compiler.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { HostMessage, WorkerStart } from '../message.ts';
import { contextMaker } from './context.ts';
import { errorPayload, runtimeError } from './error-payload.ts';
import { type Handler, loadHandler } from './handler.ts';
import { post, postNow } from './outbox.ts';
import { captureOutput, logLostError } from './output.ts';
import { invocations, RunningInvocation, running } from './running.ts';

/** Lambda's limit for an answer, in bytes of UTF-8. */
const MAX_RESULT_BYTES = 6_291_556;

const start = workerData as WorkerStart;
const contextOf = contextMaker(start);

captureOutput(start.logs);
reportExit();
reportLostErrors();
process.setSourceMapsEnabled(true);

try {
  const handler = await loadHandler(start);
  parentPort?.on('message', (batch: readonly HostMessage[]) => {
    for (const message of batch) {
      if (message.kind === 'invoke') invoke(handler, message);
      else cancel(message);
    }
  });
  postNow({ kind: 'ready' });
} catch (error) {
  postNow({ kind: 'unready', cause: errorPayload(error) });
}

function invoke(handler: Handler, message: HostMessage & { kind: 'invoke' }): void {
  const invocation = new RunningInvocation(message.id, message.requestId, message.deadline);
  running.set(invocation.id, invocation);
  void invocations.run(invocation, run, handler, invocation, message.payload);
}

async function run(
  handler: Handler,
  invocation: RunningInvocation,
  payload: string,
): Promise<void> {
  try {
    const event: unknown = JSON.parse(payload);
    const result = await handler(event, contextOf(invocation));
    invocation.succeed(resultText(result));
  } catch (error) {
    invocation.fail(error);
  }
}

function resultText(result: unknown): string {
  const text = stringify(result === undefined ? null : result);
  if (text === undefined) {
    throw runtimeError('Runtime.JSONStringifyError', 'Unable to stringify response body');
  }
  if (text.length * 3 > MAX_RESULT_BYTES && Buffer.byteLength(text) > MAX_RESULT_BYTES) {
    throw runtimeError(
      'Function.ResponseSizeTooLarge',
      `Response payload size exceeded maximum allowed payload size (${MAX_RESULT_BYTES} bytes).`,
    );
  }
  return text;
}

/** undefined where JSON has no word for it: a function, a symbol, a BigInt, a cycle. */
function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function cancel({ id, name, text }: HostMessage & { kind: 'cancel' }): void {
  running.get(id)?.cancel(new DOMException(text, name));
  post({ kind: 'cancelled', id });
}

/** `process.exit` ends this thread: the host must know which invocation did it. */
function reportExit(): void {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const status = Number(code ?? process.exitCode ?? 0);
    postNow({ kind: 'exit', id: invocations.getStore()?.id ?? null, code: status });
    return exit(status);
  };
}

/**
 * What a handler throws into the void fails the invocation that it came from, and leaves the others
 * alone. (On AWS the runtime ends after it, but there it serves one invocation at a time.) What comes
 * from no invocation, a timer of the module's, ends this thread as it ends Lambda's runtime.
 */
function reportLostErrors(): void {
  const report = (what: string, error: Error) => {
    const invocation = invocations.getStore();
    if (invocation?.fail(error)) return;
    const cause = errorPayload(error);
    logLostError(what, cause);
    if (!invocation) postNow({ kind: 'crash', cause });
  };
  process.on('uncaughtException', (error) => report('Uncaught Exception', asError(error)));
  process.on('unhandledRejection', (reason) => {
    report('Unhandled Promise Rejection', rejectionError(reason));
  });
}

/** Lambda's name for it, at the lines where the reason was made. */
function rejectionError(reason: unknown): Error {
  const error = runtimeError('Runtime.UnhandledPromiseRejection', String(reason));
  const lines = reason instanceof Error ? reason.stack?.split('\n').slice(1) : undefined;
  if (lines) error.stack = [`${error.name}: ${error.message}`, ...lines].join('\n');
  return error;
}

/** `throw 'text'` arrives here as it is. */
function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
