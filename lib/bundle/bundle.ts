import { join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { type CachedBundle, cacheKey, readCachedBundle, writeCachedBundle } from './cache.ts';
import { type CompiledFunction, compileFunction } from './compile.ts';

export interface BundleOptions {
  /** The module that exports the handler, relative to `root`: 'functions/search.ts'. */
  readonly entry: string;
  /** The export that must exist, checked where it is given: 'handler'. */
  readonly handler?: string;
  /**
   * The module's functions are tasks: the export `cloudgather` holds each of them as the states of a
   * document call it, with large values put aside and fetched (lib/payload). Default: false.
   */
  readonly task?: boolean | undefined;
  /** The project's root. Default: the working directory. */
  readonly root?: string;
  /** Where bundles are kept between runs. Default: `.cloudgather/bundles` under the root. */
  readonly cacheDir?: string;
}

/** A function as one file. */
export interface Bundle {
  /** The bundle: an absolute path to `index.mjs`. */
  readonly file: string;
  /** The folder that holds `index.mjs` and `index.mjs.map` and nothing else: an asset to deploy. */
  readonly directory: string;
  /** Bytes of `index.mjs`. */
  readonly sizeBytes: number;
  /** SHA-256 of `index.mjs`, hex. */
  readonly hash: string;
}

/** Bundles that are being made in this process, by cache key: several functions may share an entry. */
const underWay = new Map<string, Promise<CachedBundle>>();

/**
 * Makes one file of a function and all that it imports, or finds the one that an earlier run made.
 *
 * A cached bundle is used when esbuild's version, the options, and every input are the same (by size
 * and modification time, else by content) and when its own bytes are whole. esbuild is not even
 * imported then. A torn or altered cache entry is made again; entries appear by rename, so two
 * processes may bundle at once.
 *
 * @throws UsageError naming file and line when the entry does not exist, does not compile, imports
 * what cannot be found, or does not export `handler`.
 */
export async function bundleFunction(options: BundleOptions): Promise<Bundle> {
  const root = resolve(options.root ?? process.cwd());
  const cacheDir = resolve(root, options.cacheDir ?? join('.cloudgather', 'bundles'));
  const entry = resolve(root, options.entry);
  const { task = false } = options;
  const key = cacheKey(root, entry, task);
  const slot = join(cacheDir, key);

  let making = underWay.get(slot);
  if (!making) {
    const compile = () => compileFunction(root, entry, slot, task);
    making = findOrMake(cacheDir, key, compile).finally(() => underWay.delete(slot));
    underWay.set(slot, making);
  }
  const bundle = await making;
  checkExport(bundle, options.handler, options.entry);
  return {
    file: bundle.file,
    directory: bundle.directory,
    sizeBytes: bundle.sizeBytes,
    hash: bundle.hash,
  };
}

async function findOrMake(
  cacheDir: string,
  key: string,
  compile: () => Promise<CompiledFunction>,
): Promise<CachedBundle> {
  const cached = await readCachedBundle(cacheDir, key);
  if (cached) return cached;
  const startedAt = Date.now();
  return writeCachedBundle(cacheDir, key, await compile(), startedAt);
}

/** 'handler', or 'api.handler' for a handler inside an exported object: the first word is exported. */
function checkExport(bundle: CachedBundle, handler: string | undefined, entry: string): void {
  if (handler === undefined) return;
  const name = handler.split('.')[0] ?? handler;
  if (bundle.exports.includes(name) || bundle.exports.includes('default')) return;
  const found = bundle.exports.length === 0 ? 'nothing' : bundle.exports.join(', ');
  throw new UsageError(
    `The function '${entry}' has no export named '${name}': it exports ${found}. ` +
      `Write 'export async function ${name}(event) { ... }' in it, or name one of its exports.`,
  );
}
