import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Every task token begins so: it names the execution first. */
export const tokenMark = Buffer.from('arn:aws:stat').toString('base64url');

/** Which of these stand in a text. */
export function found(text: string, canaries: readonly string[]): readonly string[] {
  return canaries.filter((canary) => text.includes(canary));
}

/**
 * Every file below a project's folder, and what it holds, byte by byte; but the user's own modules, and
 * what Node keeps of them compiled.
 */
export function filesBelow(root: string): (readonly [string, string])[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/^workflows\/|^tmp\/node-compile-cache\//.test(name))
    .filter((name) => statSync(path.join(root, name)).isFile())
    .map((name) => [name, readFileSync(path.join(root, name), 'latin1')]);
}
