import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { start } from '../cli/command-line.ts';
import { sfnClient } from '../local/endpoint/served.ts';
import { faults, hostileProvider } from './hostile-provider.ts';
import { project } from './project.ts';
import { filesBelow, found, tokenMark } from './search.ts';

const key = 'canary-key-77c0';
const prompt = 'canary-prompt-9a13';
const comment = 'canary-comment-5d20';
/** A webhook secret of this machine, whichever it is. */
const webhookSecret = /whsec_[\w+/]{20}/;

const code = `
import { z } from '${import.meta.resolve('zod')}';
import { approval, gather, model, workflow } from '${new URL('../../lib/index.ts', import.meta.url).href}';
const output = z.object({ ok: z.boolean() });
export const asked = await workflow('asked', { input: z.object({ about: z.string() }) }, async ({ about }) => {
  const calls = {};
  for (const lane of ['sync', 'background', 'http']) {
    for (const fault of ${JSON.stringify(faults)}) {
      const ask = model({
        model: 'openai:gpt-5-mini', lane, output, timeout: 2, name: lane + ' ' + fault,
        ...(lane === 'http' ? {} : { limits: { requestsPerMinute: 100_000, tokensPerMinute: 100_000_000 } }),
      });
      calls[lane + '_' + fault.replace('-', '_')] = ask({ prompt: \`call-\${lane}-\${fault}. \${about}\` });
    }
  }
  const answers = await gather(calls, { returnExceptions: true });
  const decision = await approval({ name: 'publish', question: 'Publish?', timeout: '1 hour' });
  return { answers, decision };
});
`;

/** The secrets by which this folder's links and tokens are signed. */
function signingSecrets(root: string): readonly string[] {
  const file = path.join(root, '.cloudgather', 'runs.sqlite');
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare("SELECT value FROM settings WHERE name LIKE '%Secret'").all();
  database.close();
  return rows.map(({ value }) => String(value));
}

test('a canary gets into no answer and no log of dev, in whole runs of every lane and fault', {
  timeout: 90_000,
}, async () => {
  const provider = await hostileProvider();
  const { root, environment } = project('asked.ts', code);
  const keyed = { ...environment, OPENAI_API_KEY: key, OPENAI_BASE_URL: provider.url };
  const dev = start(['dev', '--port', '0'], keyed, { cwd: root });
  const [url = ''] = await dev.see('stdout', /http:\/\/127\.0\.0\.1:\d+/);
  const answers: string[] = [];
  const ask = async (where: string, body?: object) => {
    const method = body === undefined ? 'GET' : 'POST';
    const headers = { 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    const response = await fetch(`${url}${where}`, { method, ...sent });
    const text = await response.text();
    answers.push(JSON.stringify([...response.headers]), text);
    return text;
  };
  const begun = JSON.parse(await ask('/workflows/asked/runs?watch=true', { about: prompt }));
  const self: string = begun.links.self;
  const waiting = async () => JSON.parse(await ask(`${self}/approvals`)).approvals[0];
  await expect.poll(waiting, { timeout: 60_000, interval: 500 }).toMatchObject({ waits: true });
  const { id } = await waiting();
  const open = JSON.parse(await ask(self));
  // It could fail: every lane met every fault, and the provider repeated the key in each.
  const failed = open.steps.filter(({ error }: { error: unknown }) => error !== null);
  expect(failed.length).toBeGreaterThan(24);
  const causes = failed.map(({ error }: { error: object }) => JSON.stringify(error)).join('\n');
  expect(found(causes, [prompt, key])).toEqual([]);
  await ask(`${self}/approvals/${id}`, { approved: true, comment, by: 'somebody' });
  await ask(`${self}/approvals/${id}`, { approved: false });
  // Events of a watched run: history and words, to the end.
  expect(await ask(`${self}/events`)).toContain('event: end');
  const ended = JSON.parse(await ask(self));
  expect(ended.status).toBe('SUCCEEDED');
  await Promise.all(
    ['/workflows', '/openapi.json', '/workflows/asked/runs', '/nothing'].map((at) => ask(at)),
  );
  dev.child.kill('SIGINT');
  const { stdout, stderr } = await dev.ended;

  const secrets = signingSecrets(root);
  expect(secrets.length).toBeGreaterThan(1);
  const never = [key, tokenMark, ...secrets];
  expect(found(answers.join('\n'), never)).toEqual([]);
  expect(answers.join('\n') + stdout + stderr).not.toMatch(webhookSecret);
  // What was asked is in the run that the API tells, and in no log.
  expect(found(answers.join('\n'), [prompt, comment])).toEqual([prompt, comment]);
  expect(found(stdout + stderr, [...never, prompt, comment])).toEqual([]);
  for (const [name, text] of filesBelow(root)) {
    expect(found(text, [key]), name).toEqual([]);
    expect(webhookSecret.test(text), name).toBe(false);
    const isStore = name.startsWith('.cloudgather');
    if (!isStore) expect(found(text, [...never, prompt, comment]), name).toEqual([]);
  }
});

test('a canary gets into no log of serve, and what a connection adds into no history', {
  timeout: 60_000,
}, async () => {
  const { root, environment } = project('asked.ts', code);
  const provider = await hostileProvider();
  const connection = { CLOUDGATHER_CONNECTION_SHOP: `Authorization: Bearer ${key}` };
  const serve = start(['serve', '--port', '0'], { ...environment, ...connection }, { cwd: root });
  const [endpoint = ''] = await serve.see('stdout', /http:\/\/127\.0\.0\.1:\d+/);
  const client = sfnClient(endpoint);
  const arn = 'arn:aws:events:us-east-1:000000000000:connection/shop/1';
  const call = {
    Type: 'Task',
    Resource: 'arn:aws:states:::http:invoke',
    Arguments: {
      ApiEndpoint: `${provider.url}/chat/completions`,
      Method: 'POST',
      Authentication: { ConnectionArn: arn },
      RequestBody: `{% $states.input.about %}`,
    },
    End: true,
  };
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({
      name: 'shop',
      definition: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'call', States: { call } }),
      roleArn: 'arn:aws:iam::123456789012:role/machine',
    }),
  );
  for (const fault of ['401', '500', 'reset']) {
    const input = JSON.stringify({ about: `call-http-${fault}. ${prompt}` });
    const { executionArn } = await client.send(
      new StartExecutionCommand({ stateMachineArn, input }),
    );
    const described = () => client.send(new DescribeExecutionCommand({ executionArn }));
    await expect.poll(async () => (await described()).status).toBe('FAILED');
    const history = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    const { cause } = await described();
    // A status line is the server's own words, and AWS hands them on: here the key is in none of the rest.
    const events = history.events?.filter(({ type }) => !/Failed$/.test(String(type)));
    expect(found(JSON.stringify(events), [key])).toEqual([]);
    if (fault === 'reset') expect(found(String(cause), [key, prompt])).toEqual([]);
  }
  serve.child.kill('SIGTERM');
  const { stdout, stderr } = await serve.ended;
  expect(found(stdout + stderr, [key, prompt, tokenMark])).toEqual([]);
  for (const [name, text] of filesBelow(root)) {
    expect(found(text, [key, prompt]), name).toEqual([]);
  }
});
