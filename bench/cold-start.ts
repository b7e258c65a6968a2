import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleFunction } from '../lib/bundle/bundle.ts';

/**
 * What a cold start of each function costs on this machine: the size of the bundle that is deployed,
 * and the time to import it in a fresh process, its own warm-up included. Run: `npx node bench/cold-start.ts`.
 */
const runs = 9;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cold-start-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
// The API reads its workflows from beside its bundle.
writeFileSync(join(folder, 'manifest.json'), '{"version":1,"workflows":[]}');

/** Milliseconds to import a module in a process of its own; the process's own start is not counted. */
function importTime(file: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); process.stdout.write(String(performance.now() - start));`;
  const env = { ...process.env, LAMBDA_TASK_ROOT: folder };
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { env }));
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

console.log(`node ${process.version}, ${runs} fresh processes each, median`);
for (const name of readdirSync(join(root, 'functions')).filter((file) => file.endsWith('.ts'))) {
  const { file, sizeBytes } = await bundleFunction({ entry: `functions/${name}`, root });
  const milliseconds = median(Array.from({ length: runs }, () => importTime(file)));
  const kilobytes = sizeBytes / 1000;
  console.log(
    `functions/${name.padEnd(20)} ${kilobytes.toFixed(0).padStart(5)} KB  import ${milliseconds.toFixed(0).padStart(4)} ms`,
  );
}
