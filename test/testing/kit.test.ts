import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { handler } from '../../functions/model-call.ts';
import {
  call,
  each,
  fail,
  fromS3,
  gather,
  gt,
  jsonata,
  model,
  quorum,
  task,
  toS3,
  when,
  workflow,
} from '../../lib/index.ts';
import { serveTable } from '../../lib/local/limiter/serve-table.ts';
import { ModelError } from '../../lib/model/errors.ts';
import { memoryTable } from '../../lib/model/limiter/memory-table.ts';
import { spendIn } from '../../lib/model/spend.ts';
import type { Turn } from '../../lib/model/turn.ts';
import {
  matchers,
  scriptedModel,
  seededRandom,
  startProvider,
  TokenBucket,
  testRun,
} from '../../lib/testing/index.ts';

expect.extend(matchers);

const input = z.object({ topic: z.string().default('herons') });
const ask = model({ model: 'openai:gpt-5-mini' });
const pair = await workflow('pair', { input }, async ({ topic }) =>
  gather([ask({ prompt: `One on ${topic}` }), ask({ prompt: `Two on ${topic}` })]),
);

test('a test run counts what the items of a distributed each have used', async () => {
  const flow = await workflow('many', { input, budget: { tokens: 50_000 } }, async () =>
    each(['a', 'b', 'c'], (text) => ask({ prompt: text }), { distributed: true }),
  );
  const { run } = await testRun(flow, { model: scriptedModel({ outputTokens: 100 }) });
  expect(run.usage.outputTokens).toBe(300);
  expect(run.steps).toMatchObject([{ calls: 3, usage: run.usage }]);
  expect(run.budget).toMatchObject({
    tokens: { limit: 50_000, spent: run.usage.totalTokens },
    unsettled: 0,
  });
});

describe('a test run of workflows that start others', () => {
  const none = z.object({});
  test('runs them too, and gives their runs', async () => {
    const flow = await workflow('outer', { input: none }, async () =>
      gather([
        call(pair, { topic: 'clocks' }, { execution: 'own' }),
        call(pair, {}, { execution: 'own' }),
      ]),
    );
    const { output, executions, calls, run } = await testRun(flow, {
      model: scriptedModel({ answer: 'yes' }),
    });
    expect(output).toEqual([
      ['yes', 'yes'],
      ['yes', 'yes'],
    ]);
    expect(executions.map(({ workflow, status }) => [workflow, status])).toEqual([
      ['pair', 'SUCCEEDED'],
      ['pair', 'SUCCEEDED'],
    ]);
    expect(calls).toHaveLength(4);
    expect(run.usage.totalTokens).toBe(0);
    expect(executions[0]!.usage.totalTokens).toBeGreaterThan(0);
    const started = run.steps.flatMap(({ execution = [] }) => execution);
    expect(started.map((arn) => arn.split(':').at(-1))).toEqual(executions.map(({ id }) => id));
  });

  test('lets one call itself by its name', async () => {
    const countdown = await workflow(
      'countdown',
      { input: z.object({ left: z.number() }) },
      async ({ left }) =>
        when(
          gt(left, 0),
          call('countdown', { left: jsonata`${left} - 1` }, { execution: 'own' }),
          'zero',
        ),
    );
    const { output, executions, transitions } = await testRun(countdown, { input: { left: 3 } });
    expect([output, executions.length, transitions]).toEqual(['zero', 3, 3 * 2 + 2]);
  });

  test('fails where one is called by its name that the test does not give', async () => {
    const flow = await workflow('outer', { input: none }, async () =>
      call('other', {}, { execution: 'own' }),
    );
    const { error } = await testRun(flow);
    expect(error).toBe('StepFunctions.StateMachineDoesNotExistException');
    const other = await workflow('other', { input: none }, async () => 'here');
    expect((await testRun(flow, { workflows: [other] })).output).toBe('here');
  });

  test("tells the execution's own error", async () => {
    const failing = await workflow('failing', { input: none }, async () => fail('Inner', 'why'));
    const flow = await workflow('outer', { input: none }, async () =>
      call(failing, {}, { execution: 'own' }),
    );
    expect(await testRun(flow)).toMatchObject({
      error: 'Inner',
      run: { status: 'FAILED', cause: 'why' },
    });
  });
});

describe('a test run over S3', () => {
  test('finds what the test puts into S3, and gives what is there afterwards', async () => {
    const flow = await workflow('stored', { input }, async () =>
      each(
        fromS3({ bucket: 'in-1', key: 'a.jsonl', format: 'jsonl' }),
        (item) => ask({ prompt: `About ${item}` }),
        { writeTo: toS3({ bucket: 'out', prefix: 'runs' }) },
      ),
    );
    const given = { 's3://in-1/a.jsonl': '"herons"\n"clocks"\n' };
    const { output, objects, calls } = await testRun(flow, {
      objects: given,
      model: scriptedModel({ answer: 'yes' }),
    });
    const { prefix } = output as { prefix: string };
    expect(objects).toMatchObject({ ...given, [`s3://out/${prefix}0.jsonl`]: '"yes"\n"yes"\n' });
    expect(calls).toHaveLength(2);
    const missing = await testRun(flow);
    expect(missing.error).toBe('States.ItemReaderFailed');
    expect(missing.run).toMatchObject({
      cause: expect.stringContaining('The test gives no object s3://in-1/a.jsonl.'),
    });
  });
});

describe('a scripted model', () => {
  test('does the same for the same seed, and something else for another', async () => {
    const run = async (seed: number) => {
      const script = { seed, latency: [1, 90_000], outputTokens: [1, 900] } as const;
      const { seconds, run } = await testRun(pair, { model: scriptedModel(script) });
      return [seconds, run.usage.totalTokens];
    };
    expect(await run(7)).toEqual(await run(7));
    expect(await run(7)).not.toEqual(await run(8));
  });

  test('answers with an instance of the schema, or with what the test says', async () => {
    const output = z.object({ n: z.number(), words: z.array(z.string()) });
    const flow = await workflow('shape', { input }, async () =>
      model({ model: 'openai:m', output })({ prompt: 'x' }),
    );
    expect(output.safeParse((await testRun(flow)).output).success).toBe(true);
    const own = { n: 4, words: [] };
    expect(await testRun(flow, { model: scriptedModel({ answer: own }) })).toHaveSucceeded(own);
  });

  test('asks for tools where the script says so', async () => {
    const tools = [{ name: 'find', parameters: { type: 'object' } }];
    const flow = await workflow('tools', { input }, async () =>
      ask({ prompt: 'x', tools }).withResponse(),
    );
    const calls = [{ id: '1', name: 'find', arguments: { word: 'fish' } }];
    const { output } = await testRun(flow, { model: scriptedModel({ toolCalls: () => calls }) });
    expect(output).toMatchObject({ output: null, toolCalls: calls, finishReason: 'tool_calls' });
  });

  test('has true limits: the calls wait for them, and nobody is refused twice', async () => {
    const flow = await workflow('many', { input }, async () =>
      gather(
        Array.from({ length: 12 }, (_, index) =>
          ask({ prompt: `Number ${index}`, limits: { requestsPerMinute: 6 } }),
        ),
      ),
    );
    const limits = { requestsPerMinute: 6, tokensPerMinute: 100_000 };
    const run = await testRun(flow, { model: scriptedModel({ limits }) });
    expect(run).toHaveSucceeded();
    expect(run).toHaveCalledModels(12);
    expect(run.seconds).toBeGreaterThanOrEqual(60);
    expect(run.seconds).toBeLessThan(75);
  });
});

describe('a test run', () => {
  test('fails to start without a task that the workflow calls', async () => {
    const flow = await workflow('tasks', { input }, async () =>
      task<() => Promise<string>>('functions/search.ts')(),
    );
    await expect(testRun(flow)).rejects.toThrow(
      "The workflow calls the task functions/search.ts, which the test does not give. Add it: { tasks: { 'functions/search.ts': handler } }.",
    );
  });

  test('counts retries as transitions, and the tokens of what failed', async () => {
    let asked = 0;
    const paid = new ModelError('Model.Unavailable', 'Broke.', { provider: 'openai', model: 'm' });
    const usage = {
      inputTokens: 7,
      outputTokens: 0,
      totalTokens: 7,
      cachedInputTokens: 0,
      reasoningTokens: 0,
    };
    const good = scriptedModel({ answer: 'good', outputTokens: 1 });
    const flow = await workflow('one', { input }, async () => ask({ prompt: 'x' }));
    const run = await testRun(flow, {
      model: {
        answer: (request, at) => {
          asked += 1;
          return asked === 1
            ? Promise.reject(paid.withSpend({ usage, price: null }))
            : good.answer(request, at);
        },
      },
    });
    expect(run).toHaveSucceeded('good');
    expect(run.transitions).toBe(2);
    expect(run.run.usage.totalTokens).toBeGreaterThan(7 + 1);
  });

  test('tells what it was where a matcher fails', async () => {
    const run = await testRun(pair, { model: scriptedModel({ answer: 'a' }) });
    expect(() => expect(run).toHaveFailedWith('Model.Timeout')).toThrow(
      'expected the run to have failed with "Model.Timeout"; it was: SUCCEEDED with ["a","a"]',
    );
    expect(() => expect(run).toTakeTransitions(1)).toThrow('it was: 3 transitions');
    expect(() => expect(run).toSpendTokens(1)).toThrow(/it was: \d+ tokens/);
    expect(() => expect(run).not.toHaveSucceeded()).toThrow('not to have succeeded');
  });
});

describe('a token bucket', () => {
  test('starts full, refills steadily, and tells exactly when it has enough', () => {
    let now = 0;
    const bucket = new TokenBucket({ requestsPerMinute: 60, tokensPerMinute: 6_000 }, () => now);
    for (let call = 0; call < 60; call++) expect(bucket.take(10)).toBeNull();
    expect(bucket.take(10)).toBe(1);
    now += 999;
    expect(bucket.take(10)).toBe(1);
    now += 1;
    expect(bucket.take(10)).toBeNull();
    now += 30_000;
    expect(bucket.take(6_000)).toBeNull();
    expect(bucket.take(100)).toBe(1);
  });
});

describe('a provider on the wire', () => {
  test('counts what it serves; the tokens of every attempt are accounted, whatever fails', async () => {
    const provider = await startProvider({
      seed: 5,
      faults: {
        429: 0.1,
        500: 0.1,
        503: 0.1,
        reset: 0.1,
        'half a body': 0.1,
        'invalid JSON': 0.1,
        'wrong schema': 0.1,
        'empty answer': 0.1,
      },
    });
    onTestFinished(() => provider.close());
    process.env.CLOUDGATHER_PROVIDER = 'openai';
    process.env.CLOUDGATHER_BASE_URL = provider.baseURL;
    const output = {
      name: 'verdict',
      schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
    };
    const context = { getRemainingTimeInMillis: () => 20_000 };
    const names = new Map<string, number>();
    let spent = 0;
    for (let call = 0; call < 400; call++) {
      const request = { model: 'm', prompt: `CANARY number ${call}`, output };
      try {
        spent += (await handler(request, context)).usage.totalTokens;
      } catch (error) {
        const { name, message } = error as ModelError;
        expect(message).not.toContain('CANARY');
        names.set(name, (names.get(name) ?? 0) + 1);
        spent += spendIn(message)?.usage.totalTokens ?? 0;
      }
    }
    expect(spent).toBe(provider.meter.tokens);
    expect([...names.keys()].sort()).toEqual([
      'Model.OutputInvalid',
      'Model.Overloaded',
      'Model.RateLimited',
      'Model.Unavailable',
    ]);
    expect(Object.keys(provider.meter.faults)).toHaveLength(8);
  });

  test('refuses next to nothing in real time either, to calls that share a limiter', async () => {
    const limits = { requestsPerMinute: 60, tokensPerMinute: 1_000_000 };
    const provider = await startProvider({ limits, latency: 20 });
    const served = serveTable(memoryTable());
    onTestFinished(async () => {
      await Promise.all([provider.close(), served.close()]);
    });
    Object.assign(process.env, {
      CLOUDGATHER_PROVIDER: 'openai',
      CLOUDGATHER_BASE_URL: provider.baseURL,
      CLOUDGATHER_LIMITER_CHANNEL: served.channel,
    });
    onTestFinished(() => {
      delete process.env.CLOUDGATHER_LIMITER_CHANNEL;
    });
    const random = seededRandom(1);
    const context = { getRemainingTimeInMillis: () => 20_000 };
    const { requestsPerMinute } = limits;
    const call = async (branch: number): Promise<string> => {
      let turn: Turn = { run: 'storm' };
      for (;;) {
        const request = { model: 'm', prompt: `${branch}`, turn, limits: { requestsPerMinute } };
        try {
          return String((await handler(request, context)).output);
        } catch (error) {
          const { name, message } = error as Error;
          expect(name).toBe('Model.Deferred');
          turn = JSON.parse(message.split('Turn: ')[1] ?? '') as Turn;
          const pause = (turn.seconds ?? 0) * 1000 + random() * 20;
          await new Promise((resolve) => setTimeout(resolve, pause));
        }
      }
    };
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 66 }, (_, branch) => call(branch)));
    const seconds = (performance.now() - started) / 1000;
    expect(answers).toHaveLength(66);
    expect(provider.meter.requests - provider.meter.refused).toBe(66);
    expect(provider.meter.refused).toBeLessThanOrEqual(1);
    expect(seconds).toBeGreaterThan(5);
    expect(seconds).toBeLessThan(20);
  }, 60_000);
});

describe('a quorum in testRun', () => {
  test('counts on the virtual clock, and a table of its own is all that it needs', async () => {
    const flow = await workflow('vote', { input }, async ({ topic }) =>
      quorum(
        2,
        ['a', 'b', 'c'].map((each) => ask({ prompt: `${each} on ${topic}` })),
      ),
    );
    const once = () => {
      const model = scriptedModel({ seed: 3, latency: [1_000, 60_000] });
      return testRun(flow, { model });
    };
    const [first, second] = await Promise.all([once(), once()]);
    const statuses = (first.output as { status: string }[]).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(first.output).toEqual(second.output);
    expect(first.transitions).toBe(1 + 3 + 5);
    expect(first.seconds).toBeLessThan(60);
  });
});
