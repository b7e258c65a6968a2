import type { Json } from '../json.ts';
import type { Run } from './run.ts';

/** Whether a run's output refers to values that its steps put aside for their size. Reads nothing. */
export function mentionsPayload(run: Run): boolean {
  return run.status === 'SUCCEEDED' && mentions(run.output);
}

function mentions(value: Json): boolean {
  if (typeof value === 'string') return value.includes('[[payload ');
  return typeof value === 'object' && value !== null && Object.values(value).some(mentions);
}
