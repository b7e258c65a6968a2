/**
 * By what the provider knows the request; null where it does not say. An id and nothing else: a server may
 * write into that header what it was sent, its key included.
 */
export function requestIdIn(
  headers: { get(name: string): string | null },
  key: string | null,
): string | null {
  const id = headers.get('x-request-id') ?? headers.get('request-id') ?? '';
  const isId = /^[\w.:/+=-]{1,128}$/.test(id);
  return isId && !(key && id.includes(key)) ? id : null;
}
