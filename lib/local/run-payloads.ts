import path from 'node:path';
import { mentionsPayload } from '../run/mention.ts';
import type { Run } from '../run/run.ts';

/** Where the runs of a folder keep what is too large for their data. */
export function payloadFolder(folder: string): string {
  return path.resolve(folder, 'payloads');
}

/**
 * The run with its output whole, as far as it is there. The reader is loaded when there is something to read.
 */
export async function wholeRunOf(run: Run, folder: string): Promise<Run> {
  if (!mentionsPayload(run)) return run;
  const [{ wholeRun }, { folderStore }] = await Promise.all([
    import('../run/whole.ts'),
    import('../payload/folder-store.ts'),
  ]);
  return wholeRun(run, async () => folderStore(payloadFolder(folder)));
}
