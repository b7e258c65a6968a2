import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the match once the output so far holds the pattern. */
  see(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The command line as a process of its own, in the project's root, with these variables and no
 * others of this process's but PATH: no key reaches it by accident. Unless CLOUDGATHER_RUNS says
 * otherwise it keeps its runs where no other call finds them.
 */
export function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  options: { readonly input?: string; readonly cwd?: string } = {},
): Started {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      fileURLToPath(new URL('bin/cloudgather.ts', `file://${root}`)),
      ...args,
    ],
    {
      cwd: options.cwd ?? root,
      env: { PATH: process.env.PATH ?? '', CLOUDGATHER_RUNS: runsFolder(), ...environment },
    },
  );
  child.stdin.end(options.input ?? '');
  const text = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
      for (const watch of watchers) watch();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...text }));
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    child,
    ended,
    see: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text[stream]);
          if (!found) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without ${pattern}: ${text.stderr}`)));
      }),
  };
}

/** A folder for runs that is gone when the test is over. */
export function runsFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function cloudgather(...call: Parameters<typeof start>): Promise<Ended> {
  return start(...call).ended;
}

/** Variables that lead the panel's three providers to one server. */
export function providersAt(origin: string): Record<string, string> {
  return {
    OPENAI_BASE_URL: `${origin}/openai`,
    ANTHROPIC_BASE_URL: `${origin}/anthropic`,
    GEMINI_BASE_URL: `${origin}/google`,
    OPENAI_API_KEY: 'key-canary-1',
    ANTHROPIC_API_KEY: 'key-canary-2',
    GEMINI_API_KEY: 'key-canary-3',
  };
}
