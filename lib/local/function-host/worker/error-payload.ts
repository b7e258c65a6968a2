/**
 * An error as Lambda's Node.js runtime answers it: JSON text `{errorType, errorMessage, trace}`
 * (aws-lambda-nodejs-runtime-interface-client 4, `formatError`). What is thrown without being an
 * Error is told by its type and text.
 */
export function errorPayload(error: unknown): string {
  return JSON.stringify(describe(error));
}

function describe(error: unknown) {
  try {
    if (!(error instanceof Error)) {
      return { errorType: typeof error, errorMessage: String(error), trace: [] };
    }
    return {
      errorType: escapeDelete(error.name),
      errorMessage: escapeDelete(error.message),
      trace: escapeDelete(error.stack)?.split('\n') ?? [],
    };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
}

function escapeDelete(text: string | undefined): string | undefined {
  return text?.replaceAll('\x7F', '%7F');
}

/** An error that the runtime itself names. */
export function runtimeError(name: string, message: string, options?: ErrorOptions): Error {
  const error = new Error(message, options);
  error.name = name;
  if (error.stack) error.stack = error.stack.replace(/^Error/, name);
  return error;
}
