import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { unusedResources } from './unused-resources.ts';

/**
 * How a function becomes one file: the same for the copy that is deployed and the copy that runs on
 * this machine, so that both run the same bytes.
 *
 * - ESM for Node 24, one file, nothing external but Node's own modules. The AWS SDK is bundled too:
 *   that starts faster than the runtime's copy.
 * - `mainFields` prefers a package's ES modules, which esbuild can shake.
 * - Minified, but names are kept: a class that sets `this.name = new.target.name` must keep the name
 *   that a workflow's `ErrorEquals` matches. See `optionsFor` for the one exception.
 * - The source map is a file of its own without the sources: stack traces name the user's lines, and
 *   who deploys may leave the map out.
 * - `tsconfigRaw` keeps a tsconfig.json that happens to be near from changing the bytes.
 * - The banner gives CommonJS dependencies the `require` that ES modules lack.
 */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  keepNames: true,
  mainFields: ['module', 'main'],
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  charset: 'utf8',
  tsconfigRaw: '{}',
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

/**
 * The model function names its errors by text, and names would cost it 30 of its 500 KB; and of the
 * openai package it needs two resources.
 */
const modelCall = fileURLToPath(new URL('../../functions/model-call.ts', import.meta.url));

/** The options for an entry, given by its absolute path. */
export function optionsFor(entry: string): BuildOptions {
  if (entry !== modelCall) return bundleOptions;
  return { ...bundleOptions, keepNames: false, plugins: [unusedResources] };
}

/** The installed esbuild's version, read from its package.json: importing esbuild costs 16 ms. */
export function bundlerVersion(): string {
  const manifest: { version: string } = createRequire(import.meta.url)('esbuild/package.json');
  return manifest.version;
}
