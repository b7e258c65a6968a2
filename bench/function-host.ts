/**
 * What the function host costs beside the same function called in this process:
 * `node bench/function-host.ts`. Prints medians.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createFunctionHost } from '../lib/local/function-host/function-host.ts';
import { handler } from '../test/fixtures/functions/echo.ts';

const ENTRY = 'test/fixtures/functions/echo.ts';
const WIDTHS = [1, 100, 1000, 10_000];
const payloads = {
  'tiny payload': '{"n":1}',
  '1 KB payload': JSON.stringify({ text: 'x'.repeat(1010) }),
};

/** The same work without a thread: JSON in and out, and the call. */
async function inProcess(payload: string): Promise<string> {
  return JSON.stringify(await handler(JSON.parse(payload)));
}

async function median(rounds: number, run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await run();
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(rounds / 2)] ?? 0;
}

function report(what: string, microseconds: number): void {
  console.log(`${what.padEnd(58)} ${microseconds.toFixed(1).padStart(10)} µs`);
}

async function measureFanOut(
  width: number,
  payload: string,
  call: (text: string) => Promise<string>,
) {
  const all = () => Promise.all(Array.from({ length: width }, () => call(payload)));
  const rounds = width === 1 ? 3000 : Math.max(11, Math.round(20_000 / width));
  await median(Math.ceil(rounds / 3), all);
  return ((await median(rounds, all)) * 1000) / width;
}

async function measureStarts(cacheDir: string): Promise<void> {
  for (const what of ['first start, bundled by esbuild', 'start, from cached bundles']) {
    const begun = performance.now();
    const host = hostOf(cacheDir);
    await host.prewarm();
    report(what, (performance.now() - begun) * 1000);
    await host.close();
  }
}

function hostOf(cacheDir: string) {
  return createFunctionHost({
    root: resolve(import.meta.dirname, '..'),
    cacheDir,
    functions: [
      { name: 'echo', entry: ENTRY, handler: 'handler', environment: {}, timeoutSeconds: 60 },
    ],
  });
}

const cacheDir = await mkdtemp(join(tmpdir(), 'cloudgather-bench-'));
await measureStarts(cacheDir);
const host = hostOf(cacheDir);
await host.prewarm();
const shared = new AbortController().signal;
for (const [size, payload] of Object.entries(payloads)) {
  for (const width of WIDTHS) {
    const each = `${size}, ${width} at once, each`;
    report(`${each}: Promise.all in process`, await measureFanOut(width, payload, inProcess));
    report(
      `${each}: function host`,
      await measureFanOut(width, payload, (text) => host.invoke('echo', text)),
    );
    report(
      `${each}: function host, one shared signal`,
      await measureFanOut(width, payload, (text) => host.invoke('echo', text, { signal: shared })),
    );
  }
}
await host.close();
await rm(cacheDir, { recursive: true });
