import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { call, compileWorkflow, gather, model, task, workflow } from '../../lib/index.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import type { Run } from '../../lib/run/run.ts';
import type { StartOptions } from '../../lib/run/runner.ts';
import * as large from '../fixtures/functions/large.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

const entry = 'test/fixtures/functions/large.ts';
const write = task<typeof large.text>(entry, { handler: 'text' });
const ask = model({ model: 'openai:gpt-5-mini', reuse: true });

const inner = await workflow('inner', { input: z.object({ given: z.string() }) }, async (input) =>
  ask({ prompt: `Inside: ${input.given}` }),
);
const outer = await workflow('outer', { input: z.object({ word: z.string() }) }, async (input) => {
  const given = await write({ bytes: 250_000, word: input.word });
  return gather([call(inner, { given }, { execution: 'own' }), ask({ prompt: `Here: ${given}` })]);
});

it('reuses answers of executions of their own, whose prompts and answers were put aside', async () => {
  const server = await providerServer(({ body }, response) => {
    const { messages } = body as { messages: { content: string }[] };
    const [where = ''] = String(messages[0]?.content).split(':');
    sendJson(response, 200, completion(where.repeat(40_000), { model: 'gpt-5-mini' }));
  });
  const runner = createLocalRunner({
    workflows: [outer, inner].map(compileWorkflow),
    folder: temporaryFolder(),
    environment: { OPENAI_BASE_URL: server.baseURL },
  });
  onTestFinished(() => runner.close());
  const run = async (word: string, options?: StartOptions): Promise<Run> => {
    const { id } = await runner.start('outer', { word }, options);
    for await (const _ of runner.events('outer', id));
    return runner.get('outer', id);
  };
  const output = ['Inside'.repeat(40_000), 'Here'.repeat(40_000)];
  const first = await run('a');
  expect(first).toMatchObject({ status: 'SUCCEEDED', output });
  const prompts = server.received.map(({ body }) => JSON.stringify(body));
  for (const prompt of prompts) expect(prompt).toContain(large.text({ bytes: 250_000, word: 'a' }));
  expect(prompts).toHaveLength(2);

  const again = await run('a', { reuse: first.id });
  expect(again).toMatchObject({ status: 'SUCCEEDED', output, usage: { totalTokens: 0 } });
  expect(server.received).toHaveLength(2);
  const children = await runner.list('inner');
  expect(children).toHaveLength(2);
  expect((await runner.get('inner', children[0]!.id)).steps).toMatchObject([{ reused: true }]);

  expect(await run('b', { reuse: again.id })).toMatchObject({ status: 'SUCCEEDED', output });
  expect(server.received).toHaveLength(4);
});
