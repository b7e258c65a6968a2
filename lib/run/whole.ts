import { PayloadError } from '../errors.ts';
import type { Json } from '../json.ts';
import { resolvePayloads } from '../payload/resolve.ts';
import type { PayloadStore } from '../payload/store.ts';
import type { Run } from './run.ts';

/**
 * The run with its output whole: what its steps put aside for its size in its place again. A run without
 * such output is given back as it is, and the store is not asked for; so is one of which a value cannot
 * be had, for what else is known of the run is worth telling.
 */
export async function wholeRun(run: Run, store: () => Promise<PayloadStore | null>): Promise<Run> {
  if (run.status !== 'SUCCEEDED') return run;
  try {
    const output: Json = await resolvePayloads(run.output, run.id, store);
    return output === run.output ? run : { ...run, output };
  } catch (error) {
    if (error instanceof PayloadError) return run;
    throw error;
  }
}
