import { ServiceError } from './service-error.ts';

/** AWS: "Maximum request size: 1 MB per request" (Step Functions quotas). */
export const REQUEST_LIMIT = 1_048_576;

/** Reads a request's body as text. @throws ServiceError `RequestEntityTooLargeException` */
export async function readBody(request: Request): Promise<string> {
  return (await readBytes(request)).toString();
}

/**
 * Reads a request's body; stops reading as soon as it is known to be too large.
 * @throws ServiceError `RequestEntityTooLargeException`.
 */
export async function readBytes(request: Request): Promise<Buffer> {
  if (Number(request.headers.get('Content-Length') ?? 0) > REQUEST_LIMIT) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > REQUEST_LIMIT) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): ServiceError {
  return new ServiceError(
    'RequestEntityTooLargeException',
    `The request is larger than the ${REQUEST_LIMIT} bytes that Step Functions allows.`,
    413,
  );
}
