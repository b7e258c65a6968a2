import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  agent,
  call,
  compileWorkflow,
  each,
  fail,
  gather,
  model,
  quorum,
  race,
  sleep,
  task,
  tool,
  workflow,
} from '../../lib/index.ts';
import { scriptedModel, testRun } from '../../lib/testing/index.ts';

const input = z.object({});
const ask = model({ model: 'openai:gpt-5-mini', maxOutputTokens: 100 });

// biome-ignore lint/suspicious/noExplicitAny: documents are looked into field by field.
type Document = any;

function documentOf(flow: Parameters<typeof compileWorkflow>[0]): Document {
  return JSON.parse(compileWorkflow(flow).definition);
}

describe('a budget', () => {
  test('reaches each model call with the run that it is of, and no task', async () => {
    const search = task<(input: { q: string }) => Promise<string>>('functions/search.ts');
    const flow = await workflow('paid', { input, budget: { usd: 0.5, tokens: 900 } }, async () => {
      const found = await search({ q: 'x' });
      return ask({ prompt: found })
        .named('ask')
        .retry({ on: ['Busy'] });
    });
    const { States } = documentOf(flow);
    expect(States.ask.Arguments.budget).toEqual({
      run: "{% 'paid/' & $states.context.Execution.Name %}",
      usd: 0.5,
      tokens: 900,
    });
    expect(States.search.Arguments).toEqual({
      input: { q: 'x' },
      payload: { run: '{% $states.context.Execution.Name %}' },
    });
    expect(compileWorkflow(flow).budget).toBe(true);
  });

  test('leaves no word in the document of a workflow without one', async () => {
    const flow = await workflow('free', { input }, async () => ask({ prompt: 'x' }));
    expect(compileWorkflow(flow).definition).not.toContain('udget');
    expect(compileWorkflow(flow)).not.toHaveProperty('budget');
  });

  test('pays for as many branches as fit and refuses the others by name', async () => {
    const flow = await workflow('few', { input, budget: { tokens: 400 } }, async () =>
      gather(
        Array.from({ length: 10 }, (_, index) => ask({ prompt: `Say ${index}` })),
        { returnExceptions: true },
      ),
    );
    const { output, run } = await testRun(flow, {
      model: scriptedModel({ latency: 1_000, outputTokens: 100 }),
    });
    const slots = output as { status: string; reason?: { error: string; cause: string } }[];
    const refused = slots.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(7);
    expect(new Set(refused.map(({ reason }) => reason?.error))).toEqual(
      new Set(['Budget.Exceeded']),
    );
    expect(run.usage.totalTokens).toBeLessThanOrEqual(400);
  });

  test('can be caught, and is not tried again', async () => {
    const flow = await workflow('caught', { input, budget: { tokens: 10 } }, async () =>
      ask({ prompt: 'x' }).catch('Budget.Exceeded', ({ error }) => ({ instead: error })),
    );
    const { output, calls, run } = await testRun(flow);
    expect(output).toEqual({ instead: 'Budget.Exceeded' });
    expect(calls).toEqual([]);
    expect(run.steps[0]?.attempts).toBe(1);
  });

  test("may be of the run's input, and then each run says its own", async () => {
    const flow = await workflow(
      'own',
      {
        input: z.object({ limit: z.number().max(500).default(200), items: z.array(z.string()) }),
        budget: ({ limit }) => ({ tokens: limit }),
      },
      async ({ items }) =>
        each(items, (item) => ask({ prompt: item }), { returnExceptions: true, distributed: true }),
    );
    const items = ['a', 'b', 'c', 'd'];
    const paid = async (given: object) => {
      const model = scriptedModel({ outputTokens: 100, latency: 1_000 });
      const { output } = await testRun(flow, { input: { items, ...given }, model });
      return (output as { status: string }[]).filter(({ status }) => status === 'fulfilled').length;
    };
    expect(await paid({})).toBe(1);
    expect(await paid({ limit: 450 })).toBe(3);
    await expect(testRun(flow, { input: { items, limit: 501 } })).rejects.toThrow(/limit/);
  });

  test('holds for an agent, turn by turn', async () => {
    const look = tool({
      description: 'Looks.',
      input: z.object({ at: z.string() }),
      run: ({ at }) => ask({ prompt: at }),
    });
    const scout = agent({ model: 'openai:gpt-5-mini', maxOutputTokens: 50, tools: { look } });
    const flow = await workflow('scout', { input, budget: { tokens: 1_000 } }, async () =>
      scout({ prompt: 'Look around.' }).catch('Budget.Exceeded', () => 'out of money'),
    );
    const asks = scriptedModel({
      toolCalls: ({ tools }) => (tools ? [{ id: '1', name: 'look', arguments: { at: 'x' } }] : []),
      outputTokens: 50,
    });
    const { output, run } = await testRun(flow, { model: asks });
    expect(output).toBe('out of money');
    expect(run.usage.totalTokens).toBeGreaterThan(400);
    expect(run.usage.totalTokens).toBeLessThanOrEqual(1_000);
  });

  test.each([
    [{ usd: 0 }, /budget of workflow 'bad' must have as usd a number of US dollars above 0/],
    [{ tokens: 1.5 }, /must have as tokens a whole number above 0/],
    [{}, /must have usd, tokens, or both/],
    [{ eur: 1 }, /has the unknown field eur; allowed: usd, tokens/],
    [5, /must be an object/],
  ])('is refused where it is %j', async (budget, message) => {
    const options = { input, budget: budget as never };
    await expect(workflow('bad', options, async () => ask({ prompt: 'x' }))).rejects.toThrow(
      message,
    );
  });

  test('in US dollars is refused at once where a price is not known, unless it is given', async () => {
    const options = { input, budget: { usd: 1 } };
    const unknown = model({ model: 'ollama:llama3.2' });
    await expect(workflow('dear', options, async () => unknown({ prompt: 'x' }))).rejects.toThrow(
      /the price of ollama:llama3.2 is not known. Give it: model\(\{ price:.*tokens/,
    );
    const price = { inputPerMillion: 0, outputPerMillion: 0 };
    const free = model({ model: 'ollama:llama3.2', price });
    await workflow('dear', options, async () => free({ prompt: 'x' }));
  });

  test('is refused in a workflow that is called in place', async () => {
    const inner = await workflow('inner', { input, budget: { usd: 1 }, timeout: 500 }, async () =>
      ask({ prompt: 'x' }),
    );
    await expect(workflow('outer', { input }, async () => call(inner, {}))).rejects.toThrow(
      /'inner' has a budget and a timeout of its own.*\{ execution: 'own' \}/,
    );
    await workflow('outer', { input }, async () => call(inner, {}, { execution: 'own' }));
  });
});

describe('the timeout of a workflow', () => {
  test('is the limit of its document', async () => {
    const flow = await workflow('timed', { input, timeout: '10 minutes' }, async () =>
      ask({ prompt: 'x' }),
    );
    expect(documentOf(flow).TimeoutSeconds).toBe(600);
    const free = await workflow('timed', { input }, async () => ask({ prompt: 'x' }));
    expect(documentOf(free)).not.toHaveProperty('TimeoutSeconds');
  });

  test('ends a later run as TIMED_OUT', async () => {
    const slow = model({ model: 'openai:gpt-5-mini', timeout: 59 });
    const flow = await workflow('late', { input, timeout: 60 }, async () => {
      await slow({ prompt: 'one' });
      return slow({ prompt: 'two' });
    });
    const model_ = scriptedModel({ latency: 50_000 });
    expect(await testRun(flow, { model: model_ })).toMatchObject({
      status: 'TIMED_OUT',
      seconds: 60,
    });
  });

  test.each([
    ["Model call 'gpt-5-mini' may take 120 seconds", () => ask({ prompt: 'x' })],
    ["Task 'plan' may take 60 seconds", () => task('functions/plan.ts', { timeout: 60 })({})],
    [
      "The gather 'gather' may take 90 seconds",
      () => gather([ask({ prompt: 'x' }).timeout(30)], { timeout: 90 }),
    ],
    [
      "A branch of gather 'gather' may take 70 seconds",
      () => gather([ask({ prompt: 'x' }).timeout(30)], { branchTimeout: 70 }),
    ],
    [
      "The race 'race' may take 60 seconds",
      () => race([ask({ prompt: 'x' }).timeout(30)], { timeout: 60 }),
    ],
    [
      "The quorum 'quorum' may take 60 seconds",
      () => quorum(1, [ask({ prompt: 'x' }).timeout(30)], { timeout: 60 }),
    ],
    ["The wait 'sleep' may take 3600 seconds", () => sleep('1 hour')],
  ])('fails at once where a part may take longer: %s', async (words, step) => {
    const flow = workflow(
      'short',
      { input, timeout: '1 minute' },
      async () => await (step() as never),
    );
    await expect(flow).rejects.toThrow(`${words}, but workflow 'short' ends after 60.`);
  });

  test('leaves alone what says no time', async () => {
    await workflow('short', { input, timeout: 5 }, async () => fail('No', 'never'));
  });
});
