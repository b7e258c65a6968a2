import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../local/store/temporary-folder.ts';

/** A folder with one module of workflows, and variables by which all that a command writes is below it. */
export function project(module: string, code: string) {
  const root = temporaryFolder();
  for (const folder of ['workflows', 'tmp', 'home']) mkdirSync(path.join(root, folder));
  writeFileSync(path.join(root, 'workflows', module), code);
  const environment = {
    CLOUDGATHER_RUNS: path.join(root, '.cloudgather'),
    TMPDIR: path.join(root, 'tmp'),
    HOME: path.join(root, 'home'),
  };
  return { root, environment };
}
