import { STATUS_CODES } from 'node:http';
import type { Authorization } from './connections.ts';

/** What stands in place of a key. */
const hidden = '[key]';

/**
 * Words of a server that go into the history. A provider of models may repeat the key that it was sent, so
 * what one of its connections added is taken out of them, with and without its scheme ('Bearer'). Of any
 * other server they are left as they are, as in AWS.
 */
export function withoutKey(text: string, { at, headers = {} }: Authorization): string {
  if (at === undefined) return text;
  return Object.values(headers)
    .flatMap((value) => [value, value.replace(/^\S+ /, '')])
    .filter((key) => key !== '')
    .reduce((shown, key) => shown.replaceAll(key, hidden), text);
}

/** A server may write anything into its status line: of a provider only the status's own words are told. */
export function statusWords(status: number, text: string, { at }: Authorization): string {
  return at === undefined ? text : (STATUS_CODES[status] ?? '');
}
