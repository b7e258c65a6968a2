import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkerStart } from '../message.ts';
import type { FunctionContext } from './context.ts';
import { runtimeError } from './error-payload.ts';

export type Handler = (event: unknown, context: FunctionContext) => unknown;

const CALLBACK_MESSAGE =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';

/**
 * Loads the function's module and finds its handler, failing in the words of Lambda's Node.js 24
 * runtime: Runtime.ImportModuleError, Runtime.UserCodeSyntaxError, Runtime.HandlerNotFound, or the
 * module's own error. A handler of three parameters wants a callback, which that runtime refuses.
 */
export async function loadHandler({ module, handler }: WorkerStart): Promise<Handler> {
  const name = `index.${handler}`;
  const found = findExport(await importModule(module), handler);
  if (!found) {
    throw runtimeError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof found !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  if (found.length >= 3) {
    throw runtimeError('Runtime.CallbackHandlerDeprecated', CALLBACK_MESSAGE);
  }
  return found as Handler;
}

async function importModule(module: string): Promise<unknown> {
  const file = fileURLToPath(module);
  if (!existsSync(file)) {
    throw runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  }
  try {
    return await import(module);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const named = runtimeError('Runtime.UserCodeSyntaxError', String(error), { cause: error });
    if (error.stack) named.stack = error.stack;
    throw named;
  }
}

/** 'api.handler' is looked for in the exports, then in the default export. */
function findExport(module: unknown, path: string): unknown {
  const find = (object: unknown) =>
    path
      .split('.')
      .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), object);
  return find(module) ?? (isObject(module) ? find(module.default) : undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
