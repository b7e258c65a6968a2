import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { keptParts } from '../../../lib/asl/keep.ts';
import { VirtualClock } from '../../../lib/engine/clock/virtual-clock.ts';
import { createEngine } from '../../../lib/engine/engine.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import { TaskFailure } from '../../../lib/engine/task/task-port.ts';
import {
  any,
  each,
  eq,
  gather,
  model,
  repeat,
  type Workflow,
  workflow,
} from '../../../lib/index.ts';
import { readChatReply } from '../../../lib/model/chat-reply.ts';
import { foldRun } from '../../../lib/run/fold.ts';
import { completion } from '../../model/provider-server.ts';
import { documentOf } from './program.ts';

const start = Date.UTC(2026, 0, 1);
const input = z.object({ question: z.string() });
const ask = model({ model: 'openai:gpt-5-mini', lane: 'http' });

interface Answered {
  readonly status?: number;
  readonly error?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}

/** Runs a workflow whose provider is told what to answer, by the prompt and how often it was asked. */
async function run(flow: Workflow, answer: (prompt: string, asked: number) => Answered) {
  const clock = new VirtualClock({ now: start });
  const asked = new Map<string, number>();
  const engine = createEngine({
    clock,
    random: () => 0,
    tasks: {
      refuse: () => undefined,
      async run(call) {
        const { RequestBody } = JSON.parse(call.input);
        const prompt = RequestBody.messages.at(-1).content;
        asked.set(prompt, (asked.get(prompt) ?? 0) + 1);
        const { status = 200, error, body, headers } = answer(prompt, asked.get(prompt) ?? 0);
        if (error !== undefined) throw new TaskFailure(error, '');
        if (status !== 200) throw new TaskFailure(`States.Http.StatusCode.${status}`, 'Said');
        await call.sleep(1_500);
        const ResponseBody = body ?? completion('Fine.');
        return JSON.stringify({ StatusCode: 200, Headers: headers ?? {}, ResponseBody });
      },
    },
  });
  const connection = 'arn:aws:events:us-east-1:123456789012:connection/Stack-model-openai/0a1b';
  const definition = documentOf(flow).replaceAll('${ConnectionOpenai}', connection);
  const execution = engine.start(loadMachine(definition), { input: '{"question":"Why?"}' });
  const outcome = await execution.done;
  const { history } = execution;
  return {
    ...outcome,
    output: outcome.status === 'SUCCEEDED' ? JSON.parse(outcome.output) : undefined,
    cause: outcome.status === 'SUCCEEDED' ? undefined : outcome.cause,
    run: foldRun({ id: 'r', workflow: 'w' }, history),
    asked: Object.fromEntries(asked),
    seconds: (clock.now() - start) / 1000,
    transitions: history.filter(({ type }) => type.endsWith('StateEntered')).length,
  };
}

const one = await workflow('one', { input }, async ({ question }) => ask({ prompt: question }));
const whole = await workflow('whole', { input }, async ({ question }) =>
  ask({ prompt: question }).withResponse(),
);

describe('a call that Step Functions makes itself', () => {
  it('costs one state transition, and gives the text', async () => {
    expect(await run(one, () => ({}))).toMatchObject({ output: 'Fine.', transitions: 1 });
  });

  it.each([
    ['plain', { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 }],
    [
      'cached and reasoned',
      {
        prompt_tokens: 900,
        completion_tokens: 70,
        total_tokens: 970,
        prompt_tokens_details: { cached_tokens: 300 },
        completion_tokens_details: { reasoning_tokens: 20 },
      },
    ],
    ['reasoning beside the answer', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 }],
    ["DeepSeek's", { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 4 }],
    [
      'nulls in it',
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: null } },
    ],
  ])('counts tokens and price as a function does: %s', async (_, usage) => {
    for (const service_tier of [undefined, 'default', 'flex', 'priority']) {
      const body = completion('Fine.', { model: 'gpt-5-mini-2025-08-07', usage, service_tier });
      const result = await run(whole, () => ({ body }));
      const expected = readChatReply(body, 'openai', 'gpt-5-mini')?.spend;
      expect(result.output).toMatchObject({ ...expected });
      expect(result.run).toMatchObject({ ...expected });
    }
  });

  it('gives the whole response in the form of every lane', async () => {
    const headers = { 'X-Request-Id': ['req_9'], Date: ['today'] };
    const { output } = await run(whole, () => ({ headers }));
    expect(output).toEqual({
      object: 'model.result',
      output: 'Fine.',
      toolCalls: [],
      usage: {
        inputTokens: 12,
        outputTokens: 5,
        totalTokens: 17,
        cachedInputTokens: 0,
        reasoningTokens: 0,
      },
      price: { usd: 0.000013 },
      model: 'test-model-2026-01-01',
      provider: 'openai',
      finishReason: 'stop',
      requestId: 'req_9',
      attempts: 1,
      latency: 1_500,
    });
    expect((await run(whole, () => ({}))).output).toMatchObject({ requestId: null });
  });

  it('has neither price nor tokens where the reply tells none', async () => {
    const body = completion('Fine.', { usage: undefined });
    const { output } = await run(whole, () => ({ body }));
    expect(output).toMatchObject({ price: null, usage: { totalTokens: 0 } });
  });

  it('gives a parsed object, and a list that the provider wants wrapped', async () => {
    const flow = await workflow('parsed', { input }, async () => {
      const told = await model({
        model: 'openai:gpt-5',
        output: z.object({ who: z.array(z.string()) }),
        lane: 'http',
      })({ prompt: 'object' });
      const list = await model({ model: 'openai:m', output: z.array(z.string()), lane: 'http' })({
        prompt: 'list',
      });
      return { first: told.who, list };
    });
    const { output } = await run(flow, (prompt) => ({
      body: completion(prompt === 'list' ? '{"value":["x"]}' : '{"who":["a"]}'),
    }));
    expect(output).toEqual({ first: ['a'], list: ['x'] });
  });

  it('sends a conversation as it is written', async () => {
    const flow = await workflow('talk', { input }, async ({ question }) =>
      ask({
        messages: [
          { role: 'user', content: 'Hello {% 1 %}' },
          { role: 'assistant', content: 'Hello.' },
          { role: 'user', content: question },
        ],
      }),
    );
    expect(await run(flow, () => ({}))).toMatchObject({ output: 'Fine.', asked: { 'Why?': 1 } });
  });
});

describe('a failure of a call that Step Functions makes itself', () => {
  it.each<[string, Answered, number]>([
    ['Model.Rejected', { status: 400 }, 1],
    ['Model.Rejected', { status: 404 }, 1],
    ['Model.Rejected', { status: 302 }, 1],
    ['Model.Unauthorized', { status: 401 }, 1],
    ['Model.Unauthorized', { status: 403 }, 1],
    ['Model.QuotaExhausted', { status: 402 }, 1],
    ['Model.Timeout', { status: 504 }, 3],
    ['Model.Timeout', { error: 'States.Http.Socket' }, 3],
    ['Model.Timeout', { error: 'States.Timeout' }, 3],
    ['Model.Unavailable', { status: 500 }, 3],
    ['Model.Unavailable', { status: 530 }, 1],
    ['Model.Overloaded', { status: 503 }, 11],
    ['Model.RateLimited', { status: 429 }, 11],
    ['Events.ConnectionResource.NotFound', { error: 'Events.ConnectionResource.NotFound' }, 1],
    ['Model.Truncated', { body: completion('Fi', { finish_reason: 'length' }) }, 1],
    ['Model.Refused', { body: completion('', { finish_reason: 'content_filter' }) }, 1],
    ['Model.Refused', { body: completion(null, { message: { refusal: 'No.' } }) }, 1],
    ['Model.OutputInvalid', { body: completion(' \n') }, 1],
    ['Model.OutputInvalid', { body: completion(null) }, 1],
    ['Model.Unavailable', { body: { error: { code: 500 } } }, 1],
    ['Model.Unavailable', { body: '<html>' }, 1],
  ])('is named %s for %j, after %i calls', async (name, answered, calls) => {
    const result = await run(one, () => answered);
    expect(result).toMatchObject({ status: 'FAILED', error: name, asked: { 'Why?': calls } });
    expect(result.cause).toMatch(/^openai:gpt-5-mini, called by Step Functions itself, .*\.$/);
    expect(result.transitions).toBe(2);
    // The run says of the step what the document says.
    const told = { name, ...(name.startsWith('Model.') ? { cause: result.cause } : {}) };
    expect(result.run.steps).toMatchObject([{ status: 'FAILED', error: told }]);
  });

  it('has been paid for where an answer came that cannot be used', async () => {
    const body = completion('Fi', { finish_reason: 'length' });
    const { run: folded } = await run(one, () => ({ body }));
    expect(folded.usage.totalTokens).toBe(17);
  });

  it('is not silent where nobody reads the answer', async () => {
    const body = completion('Fi', { finish_reason: 'length' });
    const unread = await workflow('unread', { input }, async () => {
      await ask({ prompt: 'first' });
      return ask({ prompt: 'second' });
    });
    const tokens = await workflow('tokens', { input }, async () => {
      const { usage } = await ask({ prompt: 'first' }).withResponse();
      return { used: usage.totalTokens };
    });
    for (const flow of [unread, tokens]) {
      const cut = await run(flow, (prompt) => (prompt === 'first' ? { body } : {}));
      expect(cut).toMatchObject({ status: 'FAILED', error: 'Model.Truncated' });
    }
    expect(await run(tokens, () => ({}))).toMatchObject({ output: { used: 17 }, transitions: 1 });
  });

  it('is taken by the handler of its name, by the next one around it, or by that of all', async () => {
    const flow = await workflow('taken', { input }, async () => {
      const step = async () =>
        ask({ prompt: 'p' })
          .catch('Model.Truncated', () => 'cut')
          .catch('Model.RateLimited', ({ error }) => error);
      return gather({ step }, { returnExceptions: true });
    });
    const cut = { body: completion('Fi', { finish_reason: 'length' }) };
    const slot = async (answered: Answered) => (await run(flow, () => answered)).output.step;
    expect(await slot({})).toEqual({ status: 'fulfilled', value: 'Fine.' });
    expect(await slot(cut)).toEqual({ status: 'fulfilled', value: 'cut' });
    expect(await slot({ status: 429 })).toEqual({
      status: 'fulfilled',
      value: 'Model.RateLimited',
    });
    expect(await slot({ status: 400 })).toMatchObject({
      status: 'rejected',
      reason: { error: 'Model.Rejected', name: 'step', index: 0 },
    });
  });

  it('costs no transition more where one handler takes all', async () => {
    const flow = await workflow('all', { input }, async () =>
      ask({ prompt: 'p' }).catch(({ error }) => ask({ prompt: `after ${error}` })),
    );
    const result = await run(flow, (prompt) => (prompt === 'p' ? { status: 400 } : {}));
    expect(result).toMatchObject({ output: 'Fine.', transitions: 2 });
    expect(result.asked).toEqual({ p: 1, 'after Model.Rejected': 1 });
  });

  it("is retried by the step's own policy, by the names of the lanes", async () => {
    const flow = await workflow('own', { input }, async () =>
      ask({ prompt: 'p' }).retry({ on: ['Model.Rejected'], maxAttempts: 2, jitter: 'NONE' }),
    );
    const rejected = await run(flow, () => ({ status: 400 }));
    expect(rejected).toMatchObject({ error: 'Model.Rejected', asked: { p: 3 }, seconds: 3 });
    expect(await run(flow, () => ({ status: 429 }))).toMatchObject({ asked: { p: 1 } });
  });
});

describe('such a call in the words of the language', () => {
  it('runs for each item, in turns, and races', async () => {
    const flow = await workflow('words', { input }, async () => {
      const all = await each(['a', 'b'], (item) =>
        ask({ prompt: `${item}` }).catch('Model.Rejected', () => 'rejected'),
      );
      const won = await any({ bad: ask({ prompt: 'bad' }), good: ask({ prompt: 'good' }) });
      const turned = await repeat(
        { start: 'turn', most: 3, until: (value) => eq(value, 'Fine.') },
        async (value) => ask({ prompt: `${value}` }),
      );
      return { all, won: won.value, turned };
    });
    const result = await run(flow, (prompt) => (/b/.test(prompt) ? { status: 400 } : {}));
    expect(result.output).toMatchObject({
      all: ['Fine.', 'rejected'],
      won: 'Fine.',
      turned: 'Fine.',
    });
  });
});

describe('what such a call is given', () => {
  it('is whole: no function is there to fetch what was put aside', async () => {
    const flow = await workflow('chain', { input }, async ({ question }) => {
      const long = await model({ model: 'openai:gpt-5-mini' })({ prompt: question });
      return ask({ prompt: `Shorten: ${long}` });
    });
    expect(keptParts(flow.graph)).toEqual(new Map([[expect.any(Number), ['/output']]]));
  });
});
