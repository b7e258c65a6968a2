import { expect, test } from 'vitest';
import { cloudgather } from '../cli/command-line.ts';
import { batchFaults, hostileBatches, lineFaults } from './hostile-batches.ts';
import { project } from './project.ts';
import { filesBelow, found, tokenMark } from './search.ts';

const key = 'canary-key-b47c';
const prompt = 'canary-prompt-e903';

/** A batch for each fault of whole batches, and one in which each line meets its own. */
const code = `
import { z } from '${import.meta.resolve('zod')}';
import { gather, model, workflow } from '${new URL('../../lib/index.ts', import.meta.url).href}';
const output = z.object({ ok: z.boolean() });
export const all = await workflow('all', { input: z.object({}) }, async () => {
  const calls = {};
  const call = (name, model_) => {
    const ask = model({ model: 'openai:' + model_, lane: 'batch', output, repairs: 0, timeout: 12, name });
    calls[name.replaceAll('-', '_')] = ask({ prompt: 'call-' + name + '. ${prompt}' });
  };
  for (const fault of ${JSON.stringify(lineFaults)}) call('line-' + fault, 'lines');
  for (const fault of ${JSON.stringify(batchFaults)}) call('batch-' + fault, fault);
  return gather(calls, { returnExceptions: true });
});
`;

interface Told {
  readonly id: string;
  readonly status: string;
  readonly output: Record<string, { status: string; reason?: { error: string; cause: string } }>;
}

test('a canary in a batch gets into no log, error, cause and file, whatever becomes of the batch', {
  timeout: 90_000,
}, async () => {
  const provider = await hostileBatches();
  const { root, environment: folders } = project('all.ts', code);
  const environment = { ...folders, OPENAI_API_KEY: key, OPENAI_BASE_URL: provider.url };
  const ran = await cloudgather(['run', 'all', '--json'], environment, { cwd: root });
  const run = JSON.parse(ran.stdout) as Told;
  expect(run.status).toBe('SUCCEEDED');
  // It could fail: every fault was met, and those that end a call have ended it by name, with a cause.
  const inBatches = ['upload-400', 'upload-reset', 'create-401', 'create-500'];
  expect([...provider.met].sort()).toEqual([...lineFaults, 'fine', ...inBatches].sort());
  const failures = Object.values(run.output).flatMap(({ reason }) => reason ?? []);
  expect(failures.map(({ error }) => error).sort()).toEqual([
    ...['Model.OutputInvalid', 'Model.OutputInvalid'],
    ...['Model.Rejected', 'Model.Rejected', 'Model.Rejected', 'Model.Rejected'],
    ...['Model.Unauthorized', 'Model.Unauthorized'],
  ]);
  expect(found(ran.stdout + ran.stderr, [key, prompt, tokenMark])).toEqual([]);

  const shown = await cloudgather(['show', run.id], environment, { cwd: root });
  expect(found(shown.stdout + shown.stderr, [key, prompt, tokenMark])).toEqual([]);
  const told = await cloudgather(['show', run.id, '--events', '--json'], environment, {
    cwd: root,
  });
  expect(found(told.stdout, [key, prompt, tokenMark])).toEqual([prompt]);
  const files = filesBelow(root);
  expect(files.length).toBeGreaterThan(0);
  for (const [name, text] of files) {
    expect(found(text, [key]), name).toEqual([]);
    if (!name.startsWith('.cloudgather')) {
      expect(found(text, [prompt, tokenMark]), name).toEqual([]);
    }
  }
});
