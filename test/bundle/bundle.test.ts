import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bundleFunction } from '../../lib/bundle/bundle.ts';
import { bundleOptions } from '../../lib/bundle/options.ts';
import { UsageError } from '../../lib/errors.ts';

vi.mock('esbuild', async (original) => {
  const real = await original<typeof import('esbuild')>();
  return { ...real, build: vi.fn(real.build) };
});

const builds = vi.mocked(build);
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cloudgather-bundle-'));
  builds.mockClear();
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** Writes a source file that looks a minute old: a younger one might still be being edited. */
async function source(name: string, text: string, secondsOld = 60): Promise<void> {
  const file = join(root, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
  const time = Date.now() / 1000 - secondsOld;
  await utimes(file, time, time);
}

const bundle = (entry = 'search.ts', handler = 'handler') =>
  bundleFunction({ entry, handler, root });

async function run(file: string, event: unknown = {}): Promise<unknown> {
  const module = await import(/* @vite-ignore */ `${pathToFileURL(file).href}?${Math.random()}`);
  return module.handler(event);
}

describe('a bundle', () => {
  test('holds the entry and all that it imports in one file', async () => {
    await source('lib/double.ts', 'export const double = (n: number): number => n * 2;');
    await source(
      'search.ts',
      "import { double } from './lib/double.ts'; export const handler = async (e: { n: number }) => double(e.n);",
    );
    const made = await bundle();
    expect(await run(made.file, { n: 21 })).toBe(42);
    expect(made.sizeBytes).toBe((await readFile(made.file)).byteLength);
    expect((await readdir(made.directory)).sort()).toEqual(['index.mjs', 'index.mjs.map']);
  });

  test('keeps the names of classes, which errors are matched by', async () => {
    await source(
      'search.ts',
      'class QuotaReached extends Error { constructor() { super(); this.name = new.target.name; } } export const handler = async () => new QuotaReached().name;',
    );
    expect(await run((await bundle()).file)).toBe('QuotaReached');
  });

  test('gives a CommonJS dependency the require that it calls', async () => {
    await source('old.cjs', "module.exports = () => require('node:path').sep;");
    await source(
      'search.ts',
      "import sep from './old.cjs'; export const handler = async () => sep();",
    );
    expect(await run((await bundle()).file)).toBe('/');
  });

  test('maps its lines to the source by paths that lead from the bundle to it', async () => {
    await source('search.ts', 'export const handler = async () => 1;');
    const made = await bundle();
    const map = JSON.parse(await readFile(`${made.file}.map`, 'utf8'));
    expect(map.sources.map((path: string) => join(made.directory, path))).toEqual([
      join(root, 'search.ts'),
    ]);
    expect(map.sourcesContent).toBeUndefined();
  });

  test('is for Node 24, as ES modules, with nothing left out', () => {
    expect(bundleOptions).toMatchObject({
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      minify: true,
      mainFields: ['module', 'main'],
    });
    expect(bundleOptions).not.toHaveProperty('external');
  });
});

describe('the cache', () => {
  beforeEach(async () => {
    await source('word.ts', "export const word = 'one';");
    await source(
      'search.ts',
      "import { word } from './word.ts'; export const handler = async () => word;",
    );
  });

  test('serves the second call without esbuild', async () => {
    const first = await bundle();
    expect(builds).toHaveBeenCalledTimes(1);
    expect(await bundle()).toEqual(first);
    expect(builds).toHaveBeenCalledTimes(1);
  });

  test('bundles once when several functions ask for one entry at the same time', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => bundle()));
    expect(new Set(made.map(({ file }) => file)).size).toBe(1);
    expect(builds).toHaveBeenCalledTimes(1);
  });

  test('bundles again when an import has changed, in another folder', async () => {
    const first = await bundle();
    await source('word.ts', "export const word = 'two';", 30);
    const second = await bundle();
    expect(await run(second.file)).toBe('two');
    expect(second.directory).not.toBe(first.directory);
  });

  test('bundles again when an import has changed to another of the same size', async () => {
    await bundle();
    await source('word.ts', "export const word = 'two';");
    expect(await run((await bundle()).file)).toBe('two');
  });

  test('does not bundle again when a file was only touched', async () => {
    await bundle();
    await source('word.ts', "export const word = 'one';", 30);
    await bundle();
    expect(builds).toHaveBeenCalledTimes(1);
  });

  test('bundles again when an import has gone, and says which', async () => {
    await bundle();
    await rm(join(root, 'word.ts'));
    await expect(bundle()).rejects.toThrow(/search\.ts:1:22: Could not resolve ".\/word.ts"/);
  });

  test('bundles again when the package.json that rules an import has changed', async () => {
    await source('package.json', '{"type":"module"}');
    await bundle();
    await source('package.json', '{"type":"module","sideEffects":false}');
    await bundle();
    expect(builds).toHaveBeenCalledTimes(2);
  });

  test('mends a bundle that is cut off', async () => {
    const made = await bundle();
    await truncate(made.file, 10);
    expect(await run((await bundle()).file)).toBe('one');
  });

  test('mends a bundle whose bytes were altered without a change of size', async () => {
    const made = await bundle();
    const bytes = await readFile(made.file);
    await writeFile(made.file, bytes.fill(32, 0, 5));
    expect(await run((await bundle()).file)).toBe('one');
  });

  test('mends a bundle whose source map is gone', async () => {
    const made = await bundle();
    await rm(`${made.file}.map`);
    await bundle();
    expect((await readdir(made.directory)).sort()).toEqual(['index.mjs', 'index.mjs.map']);
  });

  test('mends a record that is torn', async () => {
    await bundle();
    const cacheDir = join(root, '.cloudgather', 'bundles');
    const records = (await readdir(cacheDir)).filter((name) => name.endsWith('.json'));
    expect(records).toHaveLength(1);
    await truncate(join(cacheDir, records[0]!), 20);
    expect(await run((await bundle()).file)).toBe('one');
  });

  test('does not keep a bundle of a file that may have been edited while it was read', async () => {
    await source('word.ts', "export const word = 'new';", 0);
    await bundle();
    await bundle();
    expect(builds).toHaveBeenCalledTimes(2);
  });

  test('leaves no temporary file behind', async () => {
    await bundle();
    const names = await readdir(join(root, '.cloudgather', 'bundles'));
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('a function that cannot be bundled', () => {
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => expect.unreachable('the bundle should have been refused'),
      (error: unknown) => {
        expect(error).toBeInstanceOf(UsageError);
        return (error as UsageError).message;
      },
    );

  test('fails with the path of an entry that does not exist', async () => {
    expect(await refusal(bundle('functions/none.ts'))).toMatch(
      "The function 'functions/none.ts' does not exist under",
    );
  });

  test('fails with file, line and column of a syntax error', async () => {
    await source('search.ts', 'export const handler = async () => {\n  const = 3;\n};\n');
    expect(await refusal(bundle())).toMatch(
      `The function 'search.ts' cannot be bundled: search.ts:2:9: Expected identifier but found "="`,
    );
  });

  test('fails with the name of a package that is not installed', async () => {
    await source('search.ts', "import no from 'no-such-package'; export const handler = () => no;");
    expect(await refusal(bundle())).toMatch(/search\.ts:1:16: Could not resolve "no-such-package"/);
  });

  test('fails when the handler is not exported, and lists what is', async () => {
    await source('search.ts', 'export const search = async () => 1;');
    expect(await refusal(bundle())).toMatch(
      "The function 'search.ts' has no export named 'handler': it exports search.",
    );
  });

  test('lists five problems of many', async () => {
    const lines = Array.from({ length: 8 }, (_, index) => `import './missing-${index}.ts';`);
    await source('search.ts', lines.join('\n'));
    expect(await refusal(bundle())).toMatch(/missing-4\.ts" \(and 3 more\)/);
  });
});
