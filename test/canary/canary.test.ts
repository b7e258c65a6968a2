import { CreateStateMachineCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { cloudgather, start } from '../cli/command-line.ts';
import { sfnClient } from '../local/endpoint/served.ts';
import { faults, hostileProvider } from './hostile-provider.ts';
import { project } from './project.ts';
import { filesBelow, found, tokenMark } from './search.ts';

const lanes = ['sync', 'background', 'http'] as const;
const key = 'canary-key-8c1f';
/** Of what is asked: it may be in the run's history, and nowhere else. */
const asked = ['canary-prompt-41d7', 'canary-instructions-b20e', 'canary-message-f6a3'] as const;

/** Every lane through success and each fault, prompts and lists of messages. */
const code = `
import { z } from '${import.meta.resolve('zod')}';
import { gather, model, workflow } from '${new URL('../../lib/index.ts', import.meta.url).href}';
const output = z.object({ ok: z.boolean() });
const input = z.object({ about: z.string().default('') });
export const all = await workflow('all', { input }, async () => {
  const calls = {};
  for (const lane of ${JSON.stringify(lanes)}) {
    for (const [index, fault] of ${JSON.stringify(faults)}.entries()) {
      const ask = model({
        model: 'openai:gpt-5-mini', lane, output, timeout: 2,
        ...(lane === 'http' ? {} : { repairs: 1, limits: { requestsPerMinute: 100_000, tokensPerMinute: 100_000_000 } }),
        name: lane + ' ' + fault, instructions: '${asked[1]}',
      });
      const word = 'call-' + lane + '-' + fault + '.';
      calls[lane + '_' + fault.replace('-', '_')] = index % 2 === 0
        ? ask({ prompt: word + ' ${asked[0]}' })
        : ask({ messages: [{ role: 'user', content: word + ' ${asked[2]}' }] });
    }
  }
  return gather(calls, { returnExceptions: true });
});
`;

interface Told {
  readonly id: string;
  readonly status: string;
  readonly output: Record<string, { status: string; reason?: { error: string; cause: string } }>;
}

test('a canary gets into no log, error, cause, problem and file, in any lane and any fault', {
  timeout: 90_000,
}, async () => {
  const provider = await hostileProvider();
  const { root, environment: folders } = project('all.ts', code);
  const own = { ...folders, OPENAI_API_KEY: key };
  const environment = { ...own, OPENAI_BASE_URL: provider.url };
  const secrets = [key, ...asked];

  const ran = await cloudgather(['run', 'all', '--json'], environment, { cwd: root });
  expect(ran.stderr).not.toMatch(/Error|not allowed/);
  const run = JSON.parse(ran.stdout) as Told;
  expect(run.status).toBe('SUCCEEDED');
  // It could fail: every lane was called, and most calls failed by name, each with a cause.
  const failures = Object.values(run.output).flatMap(({ reason }) => reason ?? []);
  expect(failures.length).toBeGreaterThan(24);
  expect(failures.filter(({ error }) => !/^(Model|States|Lambda)\./.test(error))).toEqual([]);
  for (const lane of ['sync', 'http']) {
    expect(run.output[`${lane}_fine`]).toMatchObject({ status: 'fulfilled' });
  }
  expect(found(ran.stdout + ran.stderr, secrets)).toEqual([]);

  // By the scripted provider all is well, in the background by webhooks; and streamed to who watches.
  const { OPENAI_API_KEY: _, ...scripted } = own;
  const watched = ['run', 'all', '--watch', '--id', 'watched'];
  const seen = await cloudgather(watched, scripted, { cwd: root });
  expect(seen.code).toBe(0);
  expect(found(seen.stdout + seen.stderr, secrets)).toEqual([]);
  const fine = await cloudgather(['show', 'watched', '--json'], scripted, { cwd: root });
  const { output } = JSON.parse(fine.stdout) as Told;
  for (const lane of lanes) expect(output[`${lane}_fine`]).toMatchObject({ status: 'fulfilled' });

  const shown = await cloudgather(['show', run.id], environment, { cwd: root });
  expect(shown.code).toBe(0);
  expect(found(shown.stdout + shown.stderr, secrets)).toEqual([]);

  // Events are the history itself: what was asked is in them. Causes, and the key, are another thing.
  const told = await cloudgather(['show', run.id, '--events', '--json'], environment, {
    cwd: root,
  });
  const events = JSON.parse(told.stdout) as {
    details?: { error?: string; cause?: string };
  }[];
  expect(found(told.stdout, [key])).toEqual([]);
  expect(found(told.stdout, asked)).toEqual(asked);
  const words = events.map(({ details }) => `${details?.error} ${details?.cause}`).join('\n');
  expect(found(words, secrets)).toEqual([]);

  expect(told.stdout).toContain('[task token]');
  expect(found(told.stdout + ran.stdout + ran.stderr, [tokenMark])).toEqual([]);

  const files = filesBelow(root);
  expect(files.length).toBeGreaterThan(0);
  for (const [name, text] of files) {
    expect(found(text, [key]), name).toEqual([]);
    if (!name.startsWith('.cloudgather'))
      expect(found(text, [...asked, tokenMark]), name).toEqual([]);
  }
});

test('a canary in a request is in no problem of the API, and in no log of dev and serve', {
  timeout: 60_000,
}, async () => {
  const { root, environment: folders } = project('all.ts', code);
  const environment = { ...folders, OPENAI_API_KEY: key };
  const canary = 'canary-input-77aa';
  const dev = start(['dev', '--port', '0'], environment, { cwd: root });
  const [url = ''] = await dev.see('stdout', /http:\/\/127\.0\.0\.1:\d+/);
  const post = async (where: string, body: string, type = 'application/json') => {
    const response = await fetch(`${url}${where}`, {
      ...{ method: 'POST', body },
      headers: { 'content-type': type, authorization: `Bearer ${key}` },
    });
    return { status: response.status, text: await response.text() };
  };
  const problems = [
    await post('/workflows/all/runs', JSON.stringify({ about: { [canary]: canary } })),
    await post('/workflows/all/runs', `{"about": "${canary}`),
    await post('/workflows/all/runs', canary, 'text/plain'),
  ];
  for (const { status, text } of problems) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(found(text, [canary, key]), text).toEqual([]);
  }
  dev.child.kill('SIGINT');
  const over = await dev.ended;
  expect(found(over.stdout + over.stderr, [canary, key])).toEqual([]);

  const serve = start(['serve', '--port', '0'], environment, { cwd: root });
  const [endpoint = ''] = await serve.see('stdout', /http:\/\/127\.0\.0\.1:\d+/);
  const client = sfnClient(endpoint);
  const definition = JSON.stringify({ StartAt: canary, States: { [canary]: { Type: canary } } });
  const role = 'arn:aws:iam::123456789012:role/machine';
  await expect(
    client.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn: role })),
  ).rejects.toMatchObject({ name: 'InvalidDefinition' });
  const refused = await client
    .send(new SendTaskSuccessCommand({ taskToken: canary, output: `"${canary}"` }))
    .catch((error: Error) => `${error.name}: ${error.message}`);
  expect(refused).toContain('InvalidToken');
  expect(found(String(refused), [canary])).toEqual([]);
  serve.child.kill('SIGTERM');
  const served = await serve.ended;
  expect(found(served.stdout + served.stderr, [canary, key])).toEqual([]);
});
