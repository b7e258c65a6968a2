import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { compileWorkflow, gather, model, type Workflow, workflow } from '../../lib/index.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import type { StartOptions } from '../../lib/run/runner.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

const ask = model({ model: 'openai:gpt-5-mini', reuse: true });
const draft = model({ model: 'openai:gpt-5-mini' });
const input = z.object({ word: z.string() });

/** A provider that answers with the number of the call, and refuses the prompts that are named. */
async function setUp(flow: Workflow) {
  const refused = new Set<string>();
  const asked: string[] = [];
  const server = await providerServer(({ body }, response) => {
    const { messages } = body as { messages: { content: string }[] };
    const prompt = messages[0]?.content ?? '';
    asked.push(prompt);
    if (refused.has(prompt)) sendJson(response, 400, { error: { message: 'No.' } });
    else sendJson(response, 200, completion(`${prompt} ${asked.length}`));
  });
  const environment = { OPENAI_BASE_URL: server.baseURL };
  const runner = createLocalRunner({
    workflows: [compileWorkflow(flow)],
    folder: temporaryFolder(),
    environment,
  });
  onTestFinished(() => runner.close());
  const follow = async (id: string) => {
    for await (const _ of runner.events(flow.name, id));
    return runner.get(flow.name, id);
  };
  const run = async (word: string, options?: StartOptions) =>
    follow((await runner.start(flow.name, { word }, options)).id);
  return { runner, run, follow, asked, refused };
}

const twice = () =>
  workflow('twice', { input }, async ({ word }) => {
    const first = await ask({ prompt: word });
    const again = await ask({ prompt: word });
    return { first, again, other: await ask({ prompt: `${word}!` }) };
  });

it('asks once for what a run asks twice, and counts it once', async () => {
  const { run, asked } = await setUp(await twice());
  const ended = await run('a');
  expect(ended).toMatchObject({ output: { first: 'a 1', again: 'a 1', other: 'a! 2' } });
  expect(asked).toEqual(['a', 'a!']);
  expect(ended.steps.map(({ reused }) => reused === true)).toEqual([false, true, false]);
  const [first, again, other] = ended.steps.map(({ usage }) => usage?.totalTokens ?? 0);
  expect(again).toBe(0);
  expect(ended.usage.totalTokens).toBe((first ?? 0) + (other ?? 0));
});

it('starts a run from another one, and asks only what is new', async () => {
  const { run, asked } = await setUp(await twice());
  const { id } = await run('a');
  const again = await run('a', { reuse: id });
  expect(again.id).toMatch(new RegExp(`^${id}--reuse-[0-9A-Z]{10}$`));
  expect(again).toMatchObject({ output: { first: 'a 1', again: 'a 1', other: 'a! 2' } });
  expect(again.usage.totalTokens).toBe(0);
  expect(asked).toHaveLength(2);
  const third = await run('b', { reuse: again.id });
  expect(third).toMatchObject({ output: { first: 'b 3', other: 'b! 4' } });
  expect(await run('b', { reuse: id })).toMatchObject({ output: { first: 'b 3', other: 'b! 4' } });
  expect(await run('a')).toMatchObject({ output: { first: 'a 5' } });
});

it('starts one run for one id, and rejects a run that is not there', async () => {
  const { runner, run, follow } = await setUp(await twice());
  const { id } = await run('a');
  const named = await runner.start('twice', { word: 'a' }, { id: 'mine', reuse: id });
  expect((await runner.start('twice', { word: 'a' }, { id: 'mine', reuse: id })).id).toBe(named.id);
  await follow(named.id);
  await expect(run('a', { reuse: 'nobody' })).rejects.toMatchObject({ name: 'RunNotFound' });
});

it('leaves drafts of one prompt apart', async () => {
  const flow = await workflow('drafts', { input }, async ({ word }) =>
    gather([draft({ prompt: word }), draft({ prompt: word })]),
  );
  const { run, asked } = await setUp(flow);
  const { output } = (await run('a')) as unknown as { output: string[] };
  expect(new Set(output).size).toBe(2);
  expect(asked).toHaveLength(2);
});

it('asks again only what had failed when a run is redriven', async () => {
  const flow = await workflow('redriven', { input }, async ({ word }) => {
    const before = await draft({ prompt: word });
    const both = await gather([draft({ prompt: 'good' }), draft({ prompt: `bad ${before}` })], {
      returnExceptions: false,
    });
    return both;
  });
  const { runner, run, follow, asked, refused } = await setUp(flow);
  refused.add('bad a 1');
  const failed = await run('a');
  expect(failed).toMatchObject({ status: 'FAILED', error: 'Model.Rejected' });
  const before = [...asked];
  refused.clear();
  await runner.redrive('redriven', failed.id);
  expect(await follow(failed.id)).toMatchObject({ status: 'SUCCEEDED' });
  const after = asked.slice(before.length);
  expect(after).toContain('bad a 1');
  expect(after).not.toContain('a');
});

it('refuses reuse in the lane background', async () => {
  const flow = workflow('background', { input }, async ({ word }) =>
    model({ model: 'openai:gpt-5-mini', lane: 'background', reuse: true })({ prompt: word }),
  );
  await expect(flow).rejects.toThrow(/reuse and the lane 'background'/);
});
