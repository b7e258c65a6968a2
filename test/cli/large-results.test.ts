import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../lib/run/run.ts';
import { temporaryFolder } from '../local/store/temporary-folder.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { cloudgather } from './command-line.ts';

const header = [
  `import { z } from '${import.meta.resolve('zod')}';`,
  `import * as c from '${new URL('../../lib/index.ts', import.meta.url).href}';`,
].join('\n');

const modules = {
  'workflows/01-long.ts': `${header}
    const write = c.task('functions/write.ts', { handler: 'write' });
    export const long = await c.workflow('long', { input: z.object({}) }, async () =>
      write({ characters: 200_000 }));`,
  'workflows/02-asking.ts': `${header}
    const ask = c.model({ model: 'openai:gpt-5-mini', reuse: true });
    export const asking = await c.workflow('asking', { input: z.object({ question: z.string() }) },
      async ({ question }) => ask({ prompt: question }));`,
  'functions/write.ts':
    'export const write = ({ characters }) => \'said "so" é\\n\'.repeat(characters / 12);',
};

/** A project of these modules, its runs in a folder of its own. */
function project(environment: Record<string, string> = {}) {
  const cwd = temporaryFolder();
  for (const [file, code] of Object.entries(modules)) {
    mkdirSync(path.dirname(path.join(cwd, file)), { recursive: true });
    writeFileSync(path.join(cwd, file), `${code}\n`);
  }
  const all = { CLOUDGATHER_RUNS: path.join(cwd, '.cloudgather'), ...environment };
  const call = (...args: string[]) => cloudgather(args, all, { cwd });
  /** The same with an output that says that it is a terminal. */
  const onTerminal = (...args: string[]) => {
    const isTerminal = '--import=data:text/javascript,process.stdout.isTTY=true';
    return cloudgather(args, { ...all, NODE_OPTIONS: isTerminal }, { cwd });
  };
  return { call, onTerminal };
}

const whole = 'said "so" é\n'.repeat(200_000 / 12);
const cut = /\n\.\.\. \(cut: it has (199|233),\d{3} characters; --json prints all\)\n/;

describe('a result of 200 KB', () => {
  it('is printed whole as JSON, by run and by show, on a terminal too', async () => {
    const { call, onTerminal } = project();
    const ran = await call('run', 'long', '--json', '--id', 'one');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const run = JSON.parse(ran.stdout) as Run;
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: whole });
    expect(JSON.parse((await call('show', 'one', '--json')).stdout)).toEqual(run);
    const shown = await onTerminal('run', 'long', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ output: whole });
  });

  it('is cut on a terminal, which says how long it is and how to have all', async () => {
    const { onTerminal } = project();
    const ran = await onTerminal('run', 'long', '--id', 'one');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(cut);
    expect(ran.stdout.replace(cut, '')).toBe(whole.slice(0, 20_000));
    const shown = await onTerminal('show', 'one');
    expect(shown.stdout).toMatch(cut);
    expect(shown.stdout.length).toBeLessThan(21_000);
  });

  it('is printed whole into a pipe or a file', async () => {
    const { call } = project();
    const ran = await call('run', 'long');
    expect(ran.stdout.trimEnd()).toBe(whole.trimEnd());
  });
});

describe('cloudgather run --reuse', () => {
  it('answers an identical call from the run that it names: one call, marked, no price', async () => {
    const server = await providerServer((_, response) =>
      sendJson(response, 200, completion('Yes.', { model: 'gpt-5-mini' })),
    );
    const { call } = project({ OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: 'key-canary' });
    const first = JSON.parse((await call('run', 'asking', '--json', 'why?')).stdout) as Run;
    expect(first).toMatchObject({ output: 'Yes.', usage: { totalTokens: 17 } });
    expect(first.price?.usd).toBeGreaterThan(0);

    // As much of the id as is not another's.
    const named = first.id.slice(0, 20);
    const ran = await call('run', 'asking', '--reuse', named, '--json', 'why?');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const again = JSON.parse(ran.stdout) as Run;
    expect(again.id).toMatch(new RegExp(`^${first.id}--reuse-[0-9A-Z]{10}$`));
    expect(again).toMatchObject({
      output: 'Yes.',
      usage: { totalTokens: 0 },
      price: { usd: 0 },
      steps: [{ reused: true, price: { usd: 0 } }],
    });
    expect(server.received).toHaveLength(1);

    const text = await call('run', 'asking', '--reuse', first.id, 'why?');
    expect(text).toMatchObject({ code: 0, stdout: 'Yes.\n' });
    expect(text.stderr).toMatch(/succeeded after [\d.]+ s, reused, /);
    expect(server.received).toHaveLength(1);
    await call('run', 'asking', '--reuse', first.id, 'how?');
    expect(server.received).toHaveLength(2);
  });

  it('fails with exit code 2 where there is no such run, and starts nothing', async () => {
    const { call } = project();
    const sentence =
      /There is no run of the workflow 'asking' whose id is or begins with 'nobody'\./;
    const none = await call('run', 'asking', '--reuse', 'nobody', 'why?');
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toMatch(sentence);
    await call('run', 'long', '--id', 'nobody', '--json');
    const anothers = await call('run', 'asking', '--reuse', 'nobody', 'why?');
    expect(anothers).toMatchObject({ code: 2, stdout: '' });
    expect(anothers.stderr).toMatch(sentence);
    expect((await call('runs', 'asking', '--json')).stdout).toBe('[]\n');
  });
});
