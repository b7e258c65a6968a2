import { createHash } from 'node:crypto';
import type { Json } from '../json.ts';
import type { ModelRequest } from './request.ts';

/** What of a request changes nothing of the answer: whose it is, when it is made, what it may cost. */
const aside: readonly (keyof ModelRequest)[] = [
  'turn',
  'caller',
  'payload',
  'budget',
  'limits',
  'price',
  'timeoutSeconds',
  'reuse',
];

/**
 * The name of a call's answer, the same for the same call: provider, address, model, prompt or messages,
 * parameters, schema and tools, in whatever order their fields stand. SHA-256, hex.
 */
export function reuseKey(request: ModelRequest, provider: string, baseURL: string): string {
  const asked = Object.entries(request).filter(
    ([name]) => !aside.includes(name as keyof ModelRequest),
  );
  const call = { provider, baseURL, request: Object.fromEntries(asked) };
  return createHash('sha256')
    .update(JSON.stringify(sorted(call)))
    .digest('hex');
}

function sorted(value: Json | undefined): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => sorted(item) ?? null);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.flatMap(([key, child]) => (child === undefined ? [] : [[key, sorted(child) as Json]])),
  );
}
