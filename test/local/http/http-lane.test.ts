import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { compileWorkflow } from '../../../lib/asl/compile.ts';
import { gather, model, type Workflow, workflow } from '../../../lib/index.ts';
import { createLocalRunner, type LocalRunnerOptions } from '../../../lib/local/local-runner.ts';
import type { Lane } from '../../../lib/model/lane.ts';
import { completion, providerServer, sendJson } from '../../model/provider-server.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

async function finished(flow: Workflow, options: Partial<LocalRunnerOptions> = {}) {
  const runner = createLocalRunner({
    workflows: [compileWorkflow(flow)],
    folder: temporaryFolder(),
    environment: {},
    standIn: { latency: 0 },
    ...options,
  });
  onTestFinished(() => runner.close());
  const { name } = flow.graph;
  const { id } = await runner.start(name, {});
  const events = [];
  for await (const event of runner.events(name, id)) events.push(event);
  return { run: await runner.get(name, id), events };
}

const none = z.object({});
const output = z.object({ ranking: z.array(z.string()), why: z.string() });

async function panel(lane: Lane): Promise<Workflow> {
  const ask = model({ model: 'openai:gpt-5-mini', instructions: 'Be short.', lane });
  const judge = model({ model: 'openai:gpt-5', output, lane });
  return workflow('panel', { input: none }, async () => {
    const answers = await gather({ a: ask({ prompt: 'What?' }), b: ask({ prompt: 'Why?' }) });
    const judged = await judge({ prompt: `Rank: ${answers}` }).withResponse();
    const { toolCalls, usage, price, finishReason, provider, attempts } = judged;
    const response = { toolCalls, usage, price, finishReason, provider, attempts };
    return { answers, verdict: judged.output, response, name: judged.model };
  });
}

describe("the lane 'http'", () => {
  it('gives what the other lanes give, at the same price, and runs no function', {
    timeout: 20_000,
  }, async () => {
    const told: string[] = [];
    const onStandIn: LocalRunnerOptions['onStandIn'] = (providers) =>
      told.push(...providers.map(({ title }) => title));
    const { run: sync } = await finished(await panel('sync'));
    const { run: http, events } = await finished(await panel('http'), { onStandIn });
    expect(http).toMatchObject({ status: 'SUCCEEDED' });
    expect(http.status === 'SUCCEEDED' && http.output).toEqual(
      sync.status === 'SUCCEEDED' && sync.output,
    );
    expect(http.usage).toEqual(sync.usage);
    expect(http.usage.totalTokens).toBeGreaterThan(0);
    expect(http.price).toEqual(sync.price);
    const costs = (run: typeof http) =>
      run.steps.map(({ name, usage, price }) => [name, usage, price]);
    expect(costs(http)).toEqual(costs(sync));
    expect(events.filter(({ type }) => type.startsWith('LambdaFunction'))).toEqual([]);
    expect(told).toEqual(['OpenAI']);
  });

  it('calls the provider with the key, which is in no file and no event', async () => {
    const server = await providerServer((_, response) =>
      sendJson(response, 200, completion('Fine.'), { 'x-request-id': 'req_7' }),
    );
    const folder = temporaryFolder();
    const environment = { OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: 'canary-key' };
    const ask = model({
      model: 'openai:gpt-5-mini',
      instructions: 'Be short.',
      temperature: 0.5,
      maxOutputTokens: 100,
      reasoningEffort: 'low',
      serviceTier: 'flex',
      extra: { user: '{% 1 %}', store: false },
      lane: 'http',
    });
    const flow = await workflow('one', { input: none }, async () =>
      ask({ prompt: 'How is it?' }).withResponse(),
    );
    const { run, events } = await finished(flow, { environment, folder });
    const [received] = server.received;
    expect(received?.path).toBe('/v1/chat/completions');
    expect(received?.headers.authorization).toBe('Bearer canary-key');
    expect(received?.body).toEqual({
      model: 'gpt-5-mini',
      messages: [
        { role: 'developer', content: 'Be short.' },
        { role: 'user', content: 'How is it?' },
      ],
      temperature: 0.5,
      max_completion_tokens: 100,
      reasoning_effort: 'low',
      service_tier: 'flex',
      user: '{% 1 %}',
      store: false,
    });
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: { output: 'Fine.', requestId: 'req_7', latency: expect.any(Number) },
    });
    const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'));
    expect(kept.join()).toContain('How is it?');
    expect(kept.join()).not.toContain('canary-key');
    expect(JSON.stringify([events, run])).not.toContain('canary-key');
  });

  it('fails by the name of the lanes, without what the provider said', async () => {
    const server = await providerServer((_, response) =>
      sendJson(response, 401, { error: { message: 'No such key: canary-key' } }),
    );
    const environment = { OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: 'canary-key' };
    const flow = await workflow('one', { input: none }, async () =>
      model({ model: 'openai:gpt-5-mini', lane: 'http' })({ prompt: 'How is it?' }),
    );
    const { run, events } = await finished(flow, { environment });
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'Model.Unauthorized',
      cause:
        'openai:gpt-5-mini, called by Step Functions itself, failed with States.Http.StatusCode.401.',
    });
    expect(JSON.stringify([events, run])).not.toContain('canary-key');
  });
});
