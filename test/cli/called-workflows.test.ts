import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../local/store/temporary-folder.ts';
import { cloudgather } from './command-line.ts';

const header = [
  `import { z } from '${import.meta.resolve('zod')}';`,
  `import * as c from '${new URL('../../lib/index.ts', import.meta.url).href}';`,
  'const { call, fail, workflow } = c;',
  'const input = z.object({});',
].join('\n');

/** A project with these modules in its folder of workflows. */
function project(modules: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  mkdirSync(path.join(root, 'workflows'));
  for (const [file, code] of Object.entries(modules)) {
    writeFileSync(path.join(root, 'workflows', file), `${header}\n${code}\n`);
  }
  return root;
}

const outer =
  "export const outer = await workflow('outer', { input }, async () => call('inner', {}, { execution: 'own' }));";

describe('the command line, of a workflow that starts another one', () => {
  it('finds that one by its name, and lists both runs', async () => {
    const inner =
      "export const inner = await workflow('inner', { input }, async () => 'from inside');";
    const cwd = project({ '01-outer.ts': outer, '02-inner.ts': inner });
    const environment = { CLOUDGATHER_RUNS: path.join(cwd, '.cloudgather') };
    const ran = await cloudgather(['run', 'outer', '--json'], environment, { cwd });
    expect(ran).toMatchObject({ code: 0 });
    expect(JSON.parse(ran.stdout)).toMatchObject({ status: 'SUCCEEDED', output: 'from inside' });
    const listed = await cloudgather(['runs', '--json'], environment, { cwd });
    const runs: { workflow: string; id: string }[] = JSON.parse(listed.stdout);
    expect(runs.map(({ workflow }) => workflow)).toEqual(['inner', 'outer']);
    const shown = await cloudgather(['show', runs[1]!.id], environment, { cwd });
    expect(shown.stdout).toContain(`run ${runs[0]!.id}`);
  });

  it('redrives the caller with that one, too', async () => {
    const inner =
      "export const inner = await workflow('inner', { input }, async () => fail('Inner', 'why'));";
    const cwd = project({ '01-outer.ts': outer, '02-inner.ts': inner });
    const environment = { CLOUDGATHER_RUNS: path.join(cwd, '.cloudgather') };
    const ran = await cloudgather(['run', 'outer', '--json'], environment, { cwd });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      status: 'FAILED',
      error: 'Inner',
      cause: 'why',
    });
    const { id } = JSON.parse(ran.stdout) as { id: string };
    const again = await cloudgather(['redrive', id, '--json'], environment, { cwd });
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'FAILED', error: 'Inner' });
    const listed = await cloudgather(['runs', 'inner', '--json'], environment, { cwd });
    expect(JSON.parse(listed.stdout)).toHaveLength(2);
  });

  it('fails to start where there is no such workflow', async () => {
    const cwd = project({ '01-outer.ts': outer });
    const ran = await cloudgather(['run', 'outer'], {}, { cwd });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("There is no workflow 'inner'.");
  });
});
