import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finding } from '../../lib/check/findings.ts';
import type { SourcePosition } from '../../lib/errors.ts';
import { cloudgather, type Ended } from '../cli/command-line.ts';

export interface Project {
  check(...args: string[]): Promise<Ended>;
  json(...args: string[]): Promise<{
    readonly workflows: readonly string[];
    readonly findings: readonly Finding[];
    readonly unreached: readonly SourcePosition[];
  }>;
  /** Another program in the same folder. */
  node(program: string): Promise<Pick<Ended, 'code' | 'stderr'>>;
  remove(): void;
}

const header = [
  `import { z } from '${import.meta.resolve('zod')}';`,
  `import * as c from '${new URL('../../lib/index.ts', import.meta.url).href}';`,
  'const { and, any, call, each, eq, gather, jsonata, model, repeat, task, when, workflow } = c;',
  "const ask = model({ model: 'openai:gpt-5-mini' });",
  'const input = z.object({ question: z.string(), items: z.array(z.string()), tone: z.any() });',
].join(' ');

/**
 * A project of its own in a folder that is gone afterwards: modules by their paths. They are written
 * by people who do not ask the types, so no compiler sees them. The first line of a module imports the
 * library; what is given begins in the second.
 */
export function project(modules: Readonly<Record<string, string>>): Project {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'cloudgather-check-')));
  mkdirSync(path.join(root, 'workflows'));
  for (const [file, code] of Object.entries(modules)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), file.endsWith('.ts') ? `${header}\n${code}\n` : code);
  }
  const check = (...args: string[]) => cloudgather(['check', ...args], {}, { cwd: root });
  return {
    check,
    json: async (...args) => JSON.parse((await check('--json', ...args)).stdout),
    node: async (program) => {
      const { status, stderr } = spawnSync(process.execPath, [program], {
        cwd: root,
        env: { PATH: process.env.PATH ?? '', CDK_OUTDIR: path.join(root, 'cdk.out') },
        encoding: 'utf8',
      });
      return { code: status, stderr };
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}

/** A module with one workflow, whose body has these lines, from the third line on. */
export function flow(name: string, ...lines: readonly string[]): string {
  return [
    `export const ${name.replaceAll('-', '')} = await workflow('${name}', { input }, async (given) => {`,
    ...lines,
    '});',
  ].join('\n');
}
