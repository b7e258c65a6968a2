import type { Context } from 'hono';
import type { Run } from '../run/run.ts';
import type { Runner } from '../run/runner.ts';
import { linkRun } from './links.ts';

export interface ToldRunOptions {
  /** See `ApiOptions.runSize`. Default: any. */
  readonly size?: number | undefined;
  /** Default: 200. */
  readonly status?: 200 | 202;
}

/** Answers a run and its links; with references in its output where it is too large to be sent whole. */
export async function tellRun(
  c: Context,
  runner: Runner,
  run: Run,
  { size = Number.POSITIVE_INFINITY, status = 200 }: ToldRunOptions = {},
): Promise<Response> {
  const text = JSON.stringify(linkRun(run));
  if (fits(text, size)) return c.body(text, status, { 'Content-Type': 'application/json' });
  const small = await runner.get(run.workflow, run.id, { references: true });
  return c.json({ ...linkRun(small), outputIsWhole: false }, status);
}

/** Lambda's answer holds the body as a text in JSON: each quote and backslash takes a byte more there. */
function fits(text: string, size: number): boolean {
  // A character is three bytes of UTF-8 at most.
  return text.length * 3 <= size || Buffer.byteLength(JSON.stringify(text)) <= size;
}
