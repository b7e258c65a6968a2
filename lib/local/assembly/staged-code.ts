import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../errors.ts';
import type { FunctionCode } from './lambda-function.ts';

const endings = ['.js', '.mjs', '.cjs'];

/**
 * Puts a function's code into a folder of its own and gives its module's path there. In the assembly it
 * stands inside of somebody's package, whose package.json would decide whether it is a CommonJS or an
 * ES module; in Lambda nothing stands around it. Staged once for each content.
 * @throws UsageError when the handler's module is not in the code
 */
export async function stageCode(name: string, code: FunctionCode, folder: string): Promise<string> {
  const target = path.resolve(folder, 'assets', code.hash);
  if (!existsSync(target)) await stage(code, target);
  const ending = endings.find((each) => existsSync(path.join(target, `${code.module}${each}`)));
  if (ending !== undefined) return path.join(target, `${code.module}${ending}`);
  throw new UsageError(
    `The code of the function ${name} has no module '${code.module}' (${endings.join(', ')}), which its handler names.`,
  );
}

/** A folder that is there is whole: it gets its name when everything is in it. */
async function stage({ source }: FunctionCode, target: string): Promise<void> {
  const draft = `${target}.${randomUUID()}`;
  await mkdir(draft, { recursive: true });
  if ('text' in source) await writeFile(path.join(draft, 'index.js'), source.text);
  else await cp(source.folder, draft, { recursive: true });
  const description = path.join(draft, 'package.json');
  if (!existsSync(description)) await writeFile(description, '{}\n');
  try {
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process, or another function with the same code, was quicker.
    if (!existsSync(target)) throw error;
  }
}
