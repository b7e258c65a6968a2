import { describe, expect, it } from 'vitest';
import { signedWebhook } from '../../../lib/local/stand-in/background.ts';
import { submitJob } from '../../../lib/model/background/submit.ts';
import { takeWebhook } from '../../../lib/model/background/webhook.ts';
import { over, request, type Setting, secret, setting } from './background-desk.ts';

async function submitted(at: Setting, more = {}): Promise<string> {
  const { response } = await submitJob(
    { taskToken: 'canary-token', request: request(more) },
    at.desk,
  );
  await expect.poll(() => at.sent.length).toBeGreaterThan(0);
  return String(response);
}

describe('a webhook', () => {
  it('brings the result to the state, in the shape of every lane', async () => {
    const at = await setting();
    await submitted(at);
    const [webhook] = at.sent;
    expect(await takeWebhook(webhook!, secret, at.desk)).toEqual({
      status: 200,
      outcome: 'answered',
    });
    expect(at.answers).toEqual([
      {
        token: 'canary-token',
        output: {
          object: 'model.result',
          output: expect.stringContaining('Scripted answer of gpt-5-mini'),
          toolCalls: [],
          usage: {
            inputTokens: 4,
            outputTokens: 44,
            totalTokens: 48,
            cachedInputTokens: 0,
            reasoningTokens: 0,
          },
          price: { usd: 0.000089 },
          model: 'gpt-5-mini',
          provider: 'openai',
          finishReason: 'completed',
          requestId: null,
          attempts: 1,
          latency: expect.any(Number),
        },
      },
    ]);
    expect(at.jobs.rows.size).toBe(0);
  });

  it('that comes twice, or is replayed, answers once', async () => {
    const at = await setting();
    await submitted(at);
    const [webhook] = at.sent;
    const both = await Promise.all([1, 2].map(() => takeWebhook(webhook!, secret, at.desk)));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(await takeWebhook(webhook!, secret, at.desk)).toEqual({
      status: 200,
      outcome: 'unknown',
    });
    expect(at.answers).toHaveLength(1);
    expect((await at.limiterRow()).us).toBe(48);
  });

  it('that comes before the submit has returned finds its job', async () => {
    const at = await setting();
    const { create } = at.desk.responses;
    let outcome: unknown;
    const desk = {
      ...at.desk,
      responses: {
        ...at.desk.responses,
        create: async (...args: Parameters<typeof create>) => {
          const taken = await create(...args);
          await expect.poll(() => at.sent.length).toBe(1);
          outcome = await takeWebhook(at.sent[0]!, secret, at.desk);
          return taken;
        },
      },
    };
    const { job } = await submitJob({ taskToken: 'canary-token', request: request() }, desk);
    expect(outcome).toEqual({ status: 200, outcome: 'answered' });
    expect(at.answers).toHaveLength(1);
    expect(at.jobs.rows.has(job)).toBe(false);
  });

  it('that comes before the provider knows of the end is to come again', async () => {
    const at = await setting({ latency: () => 60_000 });
    const { response } = await submitJob({ taskToken: 't', request: request() }, at.desk);
    expect(await takeWebhook(over(response), secret, at.desk)).toEqual({
      status: 503,
      outcome: 'open',
    });
    expect(at.answers).toEqual([]);
  });

  it("of somebody else's call is taken and means nothing", async () => {
    const at = await setting();
    expect(await takeWebhook(over('resp_others'), secret, at.desk)).toEqual({
      status: 200,
      outcome: 'unknown',
    });
    const batch = signedWebhook('{"type":"batch.completed","data":{"id":"batch_1"}}', secret, 'w');
    expect(await takeWebhook(batch, secret, at.desk)).toEqual({ status: 200, outcome: 'other' });
  });

  it('is to come again while Step Functions cannot be reached, and then answers', async () => {
    const at = await setting();
    await submitted(at);
    const tokens = {
      ...at.desk.tokens,
      succeed: () => Promise.reject(new Error('canary-token')),
    };
    expect(await takeWebhook(at.sent[0]!, secret, { ...at.desk, tokens })).toEqual({
      status: 503,
      outcome: 'failed',
    });
    expect((await takeWebhook(at.sent[0]!, secret, at.desk)).outcome).toBe('answered');
  });

  it('fails the state as a sync call would', async () => {
    const at = await setting({ reply: () => '' });
    await submitted(at, { repairs: 0 });
    await takeWebhook(at.sent[0]!, secret, at.desk);
    const [{ error, cause } = {}] = at.answers;
    expect(error).toBe('Model.OutputInvalid');
    expect(JSON.parse(String(cause))).toEqual({
      errorType: 'Model.OutputInvalid',
      errorMessage: expect.stringMatching(/it is empty.*Spent 4 input tokens/),
      trace: [],
    });
  });
});

describe('rejects', () => {
  const cases = {
    'a body that was changed on its way': (w: ReturnType<typeof over>) => ({
      ...w,
      body: w.body.replace('completed', 'failed'),
    }),
    'a signature by another secret': () =>
      signedWebhook('{"type":"response.completed"}', `whsec_${btoa('another')}`, 'wh_1'),
    'one without a signature': ({ body }: ReturnType<typeof over>) => ({ headers: {}, body }),
    'one that is older than five minutes': ({ body }: ReturnType<typeof over>) =>
      signedWebhook(body, secret, 'wh_1', Math.floor(Date.now() / 1000) - 301),
    'one from the future': ({ body }: ReturnType<typeof over>) =>
      signedWebhook(body, secret, 'wh_1', Math.floor(Date.now() / 1000) + 301),
    'one whose id was changed': ({ headers, body }: ReturnType<typeof over>) => ({
      headers: { ...headers, 'webhook-id': 'wh_2' },
      body,
    }),
  };
  for (const [what, change] of Object.entries(cases)) {
    it(what, async () => {
      const at = await setting();
      const response = await submitted(at);
      expect(await takeWebhook(change(over(response)), secret, at.desk)).toEqual({
        status: 401,
        outcome: 'forged',
      });
      expect(at.answers).toEqual([]);
      expect(at.jobs.rows.size).toBe(1);
    });
  }
});

describe('a repair', () => {
  const schema = {
    type: 'object',
    properties: { n: { type: 'number' } },
    required: ['n'],
    additionalProperties: false,
  } as const;

  it('whose webhook comes before the provider has answered holds nothing of the budget', async () => {
    let asked = 0;
    const at = await setting({ reply: () => (++asked === 1 ? '{"wrong":1}' : '{"n":1}') });
    const budget = { run: 'w/r', tokens: 100_000 };
    await submitted(at, { output: { name: 'number', schema }, budget, maxOutputTokens: 100 });
    const { responses } = at.desk;
    const early: typeof responses = {
      ...responses,
      async create(job) {
        const taken = await responses.create(job);
        await expect.poll(() => at.sent.length).toBe(2);
        expect((await takeWebhook(at.sent[1]!, secret, at.desk)).outcome).toBe('answered');
        return taken;
      },
    };
    await takeWebhook(at.sent[0]!, secret, { ...at.desk, responses: early });
    const { row } = await at.desk.budgetTable!.change('budget:run:w/r', {});
    expect(row).toMatchObject({ tokens: at.provider.meter.tokens, tokens_held: 0 });
  });

  it('is one more response, and its spend is added', async () => {
    let asked = 0;
    const at = await setting({ reply: () => (++asked === 1 ? '{"wrong":1}' : '{"n":1}') });
    await submitted(at, { output: { name: 'number', schema } });
    expect((await takeWebhook(at.sent[0]!, secret, at.desk)).outcome).toBe('repaired');
    await expect.poll(() => at.sent.length).toBe(2);
    // The first one again, late.
    expect((await takeWebhook(at.sent[0]!, secret, at.desk)).outcome).toBe('superseded');
    expect((await takeWebhook(at.sent[1]!, secret, at.desk)).outcome).toBe('answered');
    expect(at.answers).toMatchObject([{ output: { output: { n: 1 }, attempts: 2 } }]);
    expect(at.provider.meter.submitted).toBe(2);
    expect(at.answers[0]?.output).toMatchObject({
      usage: { totalTokens: at.provider.meter.tokens },
    });
  });

  it('is asked for once, however many webhooks come', async () => {
    const at = await setting({ reply: () => '{"wrong":1}' });
    await submitted(at, { output: { name: 'number', schema } });
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => takeWebhook(at.sent[0]!, secret, at.desk)),
    );
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
      'repaired',
      'superseded',
      'superseded',
    ]);
    expect(at.provider.meter.submitted).toBe(2);
  });

  it('is not asked for when nobody waits any more', async () => {
    const at = await setting({ reply: () => '{"wrong":1}' });
    await submitted(at, { output: { name: 'number', schema } });
    at.dead.add('canary-token');
    expect((await takeWebhook(at.sent[0]!, secret, at.desk)).outcome).toBe('unwanted');
    expect(at.provider.meter.submitted).toBe(1);
    expect(at.jobs.rows.size).toBe(0);
  });
});
