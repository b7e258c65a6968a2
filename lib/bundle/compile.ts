import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildFailure, BuildOptions, BuildResult, Message } from 'esbuild';
import { UsageError } from '../errors.ts';
import { optionsFor } from './options.ts';

/** What esbuild made of an entry, in memory. */
export interface CompiledFunction {
  readonly code: Uint8Array;
  readonly map: Uint8Array;
  /** The names that the entry exports. */
  readonly exports: readonly string[];
  /** Every file that the bytes depend on, absolute. */
  readonly inputs: readonly string[];
}

const taskFunction = fileURLToPath(new URL('../payload/task-function.ts', import.meta.url));

/** Most problems that one message lists; the first ones are nearly always the cause of the others. */
const MAX_PROBLEMS = 5;

/**
 * Runs esbuild on an entry. `outDir` is where the bundle will stand, or a folder beside that: the
 * source map's paths are relative to it.
 * @throws UsageError when the entry does not exist or does not compile.
 */
export async function compileFunction(
  root: string,
  entry: string,
  outDir: string,
  task = false,
): Promise<CompiledFunction> {
  const shown = relative(root, entry);
  if (!existsSync(entry)) {
    throw new UsageError(
      `The function '${shown}' does not exist under ${root}. ` +
        'Give the path of a TypeScript or JavaScript module, relative to the project.',
    );
  }
  const { build } = await import('esbuild');
  const result = await build({
    ...optionsFor(entry),
    ...(task ? taskEntry(root, entry) : { entryPoints: [entry] }),
    absWorkingDir: root,
    outfile: join(outDir, 'index.mjs'),
    write: false,
    metafile: true,
    logLevel: 'silent',
  }).catch((failure: BuildFailure) => {
    throw new UsageError(describeFailure(shown, failure), { cause: failure });
  });
  return readResult(root, entry, result);
}

/** The module of a task and, as `cloudgather`, its functions as documents call them. */
function taskEntry(root: string, entry: string): Pick<BuildOptions, 'stdin'> {
  const module = JSON.stringify(entry);
  const contents = [
    `import { taskExports } from ${JSON.stringify(taskFunction)};`,
    `import * as module from ${module};`,
    `export * from ${module};`,
    'export const cloudgather = taskExports(module);',
  ].join('\n');
  return { stdin: { contents, resolveDir: root, sourcefile: 'task.js', loader: 'js' } };
}

function readResult(
  root: string,
  entry: string,
  result: BuildResult<{ write: false; metafile: true }>,
): CompiledFunction {
  const code = result.outputFiles.find((file) => file.path.endsWith('.mjs'));
  const map = result.outputFiles.find((file) => file.path.endsWith('.map'));
  if (!code || !map) throw new Error('esbuild gave no index.mjs or no index.mjs.map');
  const output = Object.values(result.metafile.outputs).find((made) => made.entryPoint);
  const { inputs } = result.metafile;
  const modules = Object.keys(inputs)
    .map((input) => resolve(root, input))
    .filter((file) => existsSync(file));
  // What a CommonJS module exports is known when it runs.
  const isOpen = inputs[relative(root, entry)]?.format === 'cjs';
  return {
    code: code.contents,
    map: map.contents,
    exports: [...(output?.exports ?? []), ...(isOpen ? ['default'] : [])],
    inputs: [...modules, ...packageManifests(modules)],
  };
}

/**
 * The package.json that rules each module. esbuild does not list them, but their `exports` and
 * `module` fields decide which files are bundled: an upgrade may change only them.
 */
function packageManifests(modules: readonly string[]): string[] {
  const known = new Map<string, string | undefined>();
  const nearest = (folder: string): string | undefined => {
    if (known.has(folder)) return known.get(folder);
    const candidate = join(folder, 'package.json');
    const parent = dirname(folder);
    const found = existsSync(candidate)
      ? candidate
      : parent === folder
        ? undefined
        : nearest(parent);
    known.set(folder, found);
    return found;
  };
  const manifests = modules.map((file) => nearest(dirname(file)));
  return [...new Set(manifests.filter((file) => file !== undefined))];
}

function describeFailure(shown: string, failure: BuildFailure): string {
  const problems = failure.errors ?? [];
  if (problems.length === 0) return `The function '${shown}' cannot be bundled: ${failure.message}`;
  const listed = problems.slice(0, MAX_PROBLEMS).map(describeProblem).join('; ');
  const more = problems.length - MAX_PROBLEMS;
  const rest = more > 0 ? ` (and ${more} more)` : '';
  return `The function '${shown}' cannot be bundled: ${listed}${rest}. Mend the named lines; nothing was started.`;
}

function describeProblem({ text, location }: Message): string {
  return location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;
}
