import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileWorkflow, gather, model, workflow } from '../../lib/index.ts';
import type { Lane } from '../../lib/model/lane.ts';
import { scriptedModel, testRun } from '../../lib/testing/index.ts';
import { report } from './lane-example.ts';

const validate: (definition: unknown) => { isValid: boolean } = createRequire(import.meta.url)(
  'asl-validator',
);

const input = z.object({ question: z.string() });

async function one(lane: Lane, options: object = {}) {
  const ask = model({ model: 'openai:gpt-5-mini', lane, ...options });
  return workflow('one', { input }, async ({ question }) => ask({ prompt: question }));
}

async function stateOf(lane: Lane, options: object = {}) {
  const compiled = compileWorkflow(await one(lane, options));
  const document = JSON.parse(compiled.definition);
  return { compiled, document, state: document.States['gpt-5-mini'] };
}

describe('a model call in the background', () => {
  it('is one Task that waits for its token, with the request that a sync call has', async () => {
    const { state: sync } = await stateOf('sync');
    const { state, document, compiled } = await stateOf('background');
    const { Resource, Arguments, TimeoutSeconds, ...rest } = state;
    expect(Resource).toBe('arn:aws:states:::lambda:invoke.waitForTaskToken');
    expect(Arguments).toEqual({
      FunctionName: '${ModelOpenaiSubmit}',
      Payload: {
        taskToken: '{% $states.context.Task.Token %}',
        request: { ...sync.Arguments, timeoutSeconds: 3600 },
      },
    });
    expect(TimeoutSeconds).toBe(3600 + 150);
    const { Resource: _, Arguments: __, TimeoutSeconds: ___, ...others } = sync;
    // Retry, Catch, waiting for a turn, output: all as they are there.
    expect(rest).toEqual(others);
    expect(validate(document).isValid).toBe(true);
    expect(compiled.functions).toEqual([
      {
        kind: 'submit',
        placeholder: 'ModelOpenaiSubmit',
        name: 'model-openai-submit',
        timeoutSeconds: 60,
        provider: 'openai',
      },
    ]);
    expect(compiled.resources).toEqual([{ kind: 'table', placeholder: 'RunTable', actions: [] }]);
  });

  it('may take a day', async () => {
    const { state } = await stateOf('background', { timeout: '24 hours' });
    expect(state.TimeoutSeconds).toBe(86_400 + 150);
    expect(state.Arguments.Payload.request.timeoutSeconds).toBe(86_400);
  });

  it('stands beside sync calls of the same provider, each with its function', async () => {
    const [a, b] = (['sync', 'background'] as const).map((lane) =>
      model({ model: 'openai:gpt-5-mini', lane }),
    );
    const flow = await workflow('both', { input }, async ({ question }) =>
      gather([a!({ prompt: question }), b!({ prompt: question })]),
    );
    expect(compileWorkflow(flow).functions.map(({ name }) => name)).toEqual([
      'model-openai',
      'model-openai-submit',
    ]);
  });

  it('rejects more than a day, and more than 880 seconds in the lane sync', async () => {
    await expect(one('background', { timeout: 86_401 })).rejects.toThrow('1 second to 86400');
    await expect(one('sync', { timeout: '1 hour' })).rejects.toThrow('1 second to 880');
  });

  it('rejects a provider that does not work in the background, and says what to do', async () => {
    const ask = model({ model: 'anthropic:claude-haiku-4-5', lane: 'background' });
    const flow = workflow('one', { input }, async ({ question }) => ask({ prompt: question }));
    await expect(flow).rejects.toThrow(
      "A model of Anthropic has the lane 'background', and Anthropic does not work in the background for us",
    );
    await expect(flow).rejects.toThrow("use a model of OpenAI's");
  });

  it('takes a server by its URL, which its user knows', async () => {
    const ask = model({ model: 'm', baseURL: 'http://gateway.example/v1', lane: 'background' });
    const flow = await workflow('one', { input }, async ({ question }) =>
      ask({ prompt: question }),
    );
    expect(compileWorkflow(flow).functions).toMatchObject([
      { kind: 'submit', name: 'model-gateway-example-v1-submit' },
    ]);
  });

  it('rejects a lane that is none', async () => {
    await expect(one('batched' as Lane)).rejects.toThrow(
      `A model has the lane "batched". The lanes are: 'sync', 'background'`,
    );
  });
});

describe('the example of docs/models.md', () => {
  it('is a file that runs, letter by letter', async () => {
    const code = readFileSync('test/asl/lane-example.ts', 'utf8');
    expect(readFileSync('docs/models.md', 'utf8')).toContain(`\`\`\`ts\n${code}\`\`\`\n`);
    const model = scriptedModel({ answer: 'A long report.', latency: 5_400_000 });
    const run = await testRun(report, { input: { question: 'Why?' }, model });
    expect(run).toMatchObject({ output: 'A long report.', seconds: 5400 });
  });
});

describe('testRun', () => {
  it('answers a call in the background after its latency, on the virtual clock', async () => {
    const { status, output, seconds, transitions, history, run } = await testRun(
      await one('background'),
      {
        input: { question: 'Why?' },
        model: scriptedModel({ answer: 'Because.', latency: 1_800_000 }),
      },
    );
    expect({ status, output, seconds, transitions }).toEqual({
      status: 'SUCCEEDED',
      output: 'Because.',
      seconds: 1800,
      transitions: 1,
    });
    expect(history.map(({ type }) => type)).toContain('TaskSubmitted');
    expect(run.usage?.outputTokens).toBe(2);
  });

  it('waits for its turn as a sync call does, and fails by the same names', async () => {
    const slow = scriptedModel({ limits: { requestsPerMinute: 1, tokensPerMinute: 1_000_000 } });
    const ask = model({ model: 'openai:gpt-5-mini', lane: 'background' });
    const flow = await workflow('two', { input }, async ({ question }) =>
      gather([ask({ prompt: question }), ask({ prompt: `${question}?` })]),
    );
    const waited = await testRun(flow, { input: { question: 'Why?' }, model: slow });
    expect(waited.status).toBe('SUCCEEDED');
    expect(waited.seconds).toBeGreaterThan(30);
    const failing = scriptedModel({ faults: { 'Model.Refused': 1 } });
    const failed = await testRun(flow, { input: { question: 'Why?' }, model: failing });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Model.Refused' });
  });
});
