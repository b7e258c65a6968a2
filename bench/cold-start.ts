import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * What a cold start of each function costs on this machine: the size of its bundle, and the time to
 * import it in a fresh process. Run: `npx node bench/cold-start.ts`.
 */
const runs = 9;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cold-start-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

/** Milliseconds to import a module in a process of its own; the process's own start is not counted. */
function importTime(file: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); process.stdout.write(String(performance.now() - start));`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script]));
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

console.log(`node ${process.version}, ${runs} fresh processes each, median`);
for (const name of readdirSync(join(root, 'functions')).filter((file) => file.endsWith('.ts'))) {
  const outfile = join(folder, name.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(root, 'functions', name)],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'error',
  });
  const milliseconds = median(Array.from({ length: runs }, () => importTime(outfile)));
  const kilobytes = statSync(outfile).size / 1000;
  console.log(
    `functions/${name.padEnd(20)} ${kilobytes.toFixed(0).padStart(5)} KB  import ${milliseconds.toFixed(0).padStart(4)} ms`,
  );
}
