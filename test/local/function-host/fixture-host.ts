import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { FunctionError } from '../../../lib/local/function-host/function-error.ts';
import {
  createFunctionHost,
  type FunctionHost,
} from '../../../lib/local/function-host/function-host.ts';
import type { FunctionLog } from '../../../lib/local/function-host/function-log.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const cacheDir = mkdtempSync(join(tmpdir(), 'cloudgather-functions-'));
const open: FunctionHost[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((host) => host.close()));
});
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }));

export interface FixtureOptions {
  readonly timeoutSeconds?: number;
  readonly memoryMb?: number;
  readonly blockedLimitMs?: number;
  readonly environment?: Record<string, string>;
}

/** A host of handlers of one module in test/fixtures/functions, closed after the test. */
export function fixtureHost(module: string, handlers: string[], options: FixtureOptions = {}) {
  const logs = new LogWatch();
  const { blockedLimitMs = 200, environment = {}, timeoutSeconds = 20, ...rest } = options;
  const host = createFunctionHost({
    root: ROOT,
    cacheDir,
    blockedLimitMs,
    onLog: (log) => logs.push(log),
    functions: handlers.map((handler) => ({
      name: handler,
      entry: `test/fixtures/functions/${module}.ts`,
      handler,
      environment,
      timeoutSeconds,
      ...rest,
    })),
  });
  open.push(host);
  const call = async (handler: string, event: unknown = {}, more: object = {}) =>
    JSON.parse(await host.invoke(handler, JSON.stringify(event), more));
  const failure = async (handler: string, event: unknown = {}, more: object = {}) =>
    functionError(call(handler, event, more));
  return { host, call, failure, logs };
}

/** The FunctionError that a call must reject with. */
export async function functionError(call: Promise<unknown>): Promise<FunctionError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  if (outcome instanceof FunctionError) return outcome;
  throw new Error('the call did not reject with a FunctionError', { cause: outcome });
}

/** What the functions printed, with a way to wait for more of it. */
class LogWatch {
  readonly all: FunctionLog[] = [];
  #waiting: (() => void)[] = [];

  push(log: FunctionLog): void {
    this.all.push(log);
    for (const check of this.#waiting) check();
  }

  texts(): string[] {
    return this.all.map(({ text }) => text);
  }

  /** Resolves with the first line that contains `part`, now or later. */
  seen(part: string): Promise<FunctionLog> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.all.find(({ text }) => text.includes(part));
        if (found) resolve(found);
      };
      this.#waiting.push(check);
      check();
    });
  }
}
