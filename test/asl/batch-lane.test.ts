import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileWorkflow, model, type Workflow, workflow } from '../../lib/index.ts';
import { scriptedModel, testRun } from '../../lib/testing/index.ts';
import { archive } from './batch-example.ts';

const validate: (definition: unknown) => { isValid: boolean } = createRequire(import.meta.url)(
  'asl-validator',
);

const input = z.object({ question: z.string() });
const name = 'openai:gpt-5-mini';

function one(options: object = {}, call: object = {}) {
  const ask = model({ model: name, lane: 'batch', ...options });
  return workflow('one', { input }, async ({ question }) => ask({ prompt: question, ...call }));
}

function documentOf(flow: Workflow) {
  const compiled = compileWorkflow(flow);
  return { ...compiled, states: JSON.parse(compiled.definition).States };
}

const syncModel = model({ model: name, timeout: 880 });

describe('a model call in a batch', () => {
  it('is a Task that waits for its token, and the sync Task of the same call behind it', async () => {
    const { states, definition, functions, resources } = documentOf(await one());
    const sync = documentOf(
      await workflow('one', { input }, async ({ question }) => syncModel({ prompt: question })),
    ).states['gpt-5-mini'];
    expect(Object.keys(states)).toEqual([
      'gpt-5-mini',
      'gpt-5-mini waits',
      'gpt-5-mini as sync',
      'gpt-5-mini as sync waits',
    ]);
    const [deferred] = sync.Catch;
    expect(states['gpt-5-mini']).toEqual({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: {
        FunctionName: '${ModelOpenaiSubmit}',
        Payload: {
          taskToken: '{% $states.context.Task.Token %}',
          lane: 'batch',
          request: { ...sync.Arguments, timeoutSeconds: 86_400 - 880 },
        },
      },
      TimeoutSeconds: 86_400 - 880 + 150,
      Retry: sync.Retry,
      Catch: [
        deferred,
        {
          ErrorEquals: ['Model.BatchExpired', 'States.Timeout'],
          Assign: { gpt_5_mini_turn: null },
          Output: '{% $states.input %}',
          Next: 'gpt-5-mini as sync',
        },
      ],
      Output: sync.Output,
      End: true,
    });
    expect(states['gpt-5-mini as sync']).toEqual({
      ...sync,
      Arguments: {
        ...sync.Arguments,
        caller:
          "{% [$states.context.Execution.Name, 'one', " +
          "$merge([$states.context.State, {'Name': 'gpt-5-mini'}]), $states.context.Map.Item.Index] %}",
      },
      Catch: [{ ...deferred, Next: 'gpt-5-mini as sync waits' }],
    });
    expect(validate(JSON.parse(definition)).isValid).toBe(true);
    expect(functions).toEqual([
      {
        kind: 'submit',
        placeholder: 'ModelOpenaiSubmit',
        name: 'model-openai-submit',
        timeoutSeconds: 60,
        provider: 'openai',
      },
      {
        kind: 'model',
        placeholder: 'ModelOpenai',
        name: 'model-openai',
        timeoutSeconds: 890,
        provider: 'openai',
      },
    ]);
    expect(resources).toEqual([{ kind: 'table', placeholder: 'RunTable', actions: [] }]);
  });

  it('keeps the last quarter of its time, and at most 880 seconds, for the sync call', async () => {
    const kept = async (timeout: number | string) => {
      const { states, functions } = documentOf(await one({ timeout }));
      const request = states['gpt-5-mini'].Arguments.Payload.request;
      const { timeoutSeconds } = states['gpt-5-mini as sync'].Arguments;
      return [request.timeoutSeconds, timeoutSeconds, functions[1]?.timeoutSeconds];
    };
    expect(await kept('48 hours')).toEqual([172_800 - 880, 880, 890]);
    expect(await kept('6 hours')).toEqual([21_600 - 880, 880, 890]);
    expect(await kept(2001)).toEqual([2001 - 501, 501, 511]);
    expect(await kept(4)).toEqual([3, 1, 11]);
    expect(await kept(2)).toEqual([1, 1, 11]);
  });

  it('is left by the catchers around it, whichever of the two has failed', async () => {
    const ask = model({ model: name, lane: 'batch' });
    const flow = await workflow('one', { input }, async ({ question }) =>
      ask({ prompt: question }).catch('Model.Refused', () => 'No.'),
    );
    const { states } = documentOf(flow);
    const names = ['gpt-5-mini', 'gpt-5-mini as sync'];
    for (const each of names) {
      expect(states[each].Catch.at(-1)).toMatchObject({ ErrorEquals: ['Model.Refused'] });
    }
    const [first, second] = names.map((each) => states[each].Catch.at(-1).Next);
    expect(first).toBe(second);
  });

  it("is not kept in the lane by a user's policy for every error, only by one that names it", async () => {
    const retries = async (...policies: [object, ...object[]]) => {
      const ask = model({ model: name, lane: 'batch' });
      const flow = await workflow('one', { input }, async ({ question }) =>
        ask({ prompt: question }).retry(...policies),
      );
      const { states } = documentOf(flow);
      expect(validate({ StartAt: 'gpt-5-mini', QueryLanguage: 'JSONata', States: states })).toEqual(
        expect.objectContaining({ isValid: true }),
      );
      expect(states['gpt-5-mini'].Catch).toEqual([
        expect.objectContaining({ Next: 'gpt-5-mini as sync' }),
      ]);
      expect(states['gpt-5-mini'].Catch[0]).not.toHaveProperty('Assign');
      return Object.values(states).map((state) =>
        (state as { Retry: { ErrorEquals: string[]; MaxAttempts: number }[] }).Retry.map(
          ({ ErrorEquals, MaxAttempts }) => [...ErrorEquals, MaxAttempts],
        ),
      );
    };
    expect(await retries({})).toEqual([
      [
        ['Model.BatchExpired', 'States.Timeout', 0],
        ['States.ALL', 3],
      ],
      [['States.ALL', 3]],
    ]);
    const named = [
      ['Model.BatchExpired', 2],
      ['Model.Timeout', 3],
    ];
    expect(
      await retries({ on: ['Model.BatchExpired'], maxAttempts: 2 }, { on: ['Model.Timeout'] }),
    ).toEqual([named, named]);
  });

  it('names its states by the words of the user', async () => {
    const ask = model({ model: name, lane: 'batch', name: 'classify' });
    const flow = await workflow('one', { input }, async ({ question }) => {
      const label = await ask({ prompt: question });
      return { label, second: await ask({ prompt: label }).named('check') };
    });
    const tasks = Object.entries(documentOf(flow).states).filter(
      ([, state]) => (state as { Type: string }).Type === 'Task',
    );
    expect(tasks.map(([each]) => each).sort()).toEqual([
      'check',
      'check as sync',
      'label',
      'label as sync',
    ]);
  });

  it('stands beside calls of the other lanes, with the functions of each once', async () => {
    const flow = await workflow('both', { input }, async ({ question }) => {
      const first = await model({ model: name, lane: 'batch', timeout: 400 })({ prompt: question });
      const second = await model({ model: name, lane: 'background' })({ prompt: first });
      return model({ model: name, timeout: 200 })({ prompt: second });
    });
    expect(compileWorkflow(flow).functions.map((need) => [need.name, need.timeoutSeconds])).toEqual(
      [
        ['model-openai-submit', 60],
        ['model-openai', 210],
      ],
    );
  });

  it('takes a server by its URL, and Groq', async () => {
    const named = async (options: object) =>
      compileWorkflow(await one(options)).functions.map((need) => need.name);
    expect(await named({ model: 'groq:llama-3.3-70b-versatile' })).toEqual([
      'model-groq-submit',
      'model-groq',
    ]);
    expect(await named({ model: 'm', baseURL: 'http://gateway.example/v1' })).toEqual([
      'model-gateway-example-v1-submit',
      'model-gateway-example-v1',
    ]);
  });

  it('rejects a provider without batches, more than two days, reuse and a service tier', async () => {
    await expect(one({ model: 'anthropic:claude-haiku-4-5' })).rejects.toThrow(
      "A model of Anthropic has the lane 'batch', and Anthropic takes no batches from us: that takes OpenAI's way of them (POST /files, POST /batches). Leave the lane out, or use a model of 'openai' or 'groq'.",
    );
    await expect(one({ timeout: 172_801 })).rejects.toThrow('1 second to 172800');
    await expect(one({ reuse: true })).rejects.toThrow("reuse and the lane 'batch'");
    await expect(one({}, { serviceTier: 'flex' })).rejects.toThrow(
      'A model call has the serviceTier "flex" and the lane \'batch\', which is a tier of its own.',
    );
  });

  it('rejects a workflow that ends before the whole of it may', async () => {
    const ask = model({ model: name, lane: 'batch', timeout: '6 hours' });
    const flow = workflow('short', { input, timeout: '6 hours' }, async ({ question }) =>
      ask({ prompt: question }),
    );
    await expect(flow).rejects.toThrow(
      "Model call 'gpt-5-mini' may take 21600 seconds, but workflow 'short' ends after 21600",
    );
  });
});

describe('the example of docs/models.md', () => {
  it('is a file that runs, letter by letter', async () => {
    const code = readFileSync('test/asl/batch-example.ts', 'utf8');
    expect(readFileSync('docs/models.md', 'utf8')).toContain(`\`\`\`ts\n${code}\`\`\`\n`);
    const answer = { topic: 'bill', urgent: true };
    const mails = ['Pay me!', 'Pay me now!'];
    const hours = 3 * 3_600_000;
    const model = scriptedModel({ answer, latency: hours });
    const run = await testRun(archive, { input: { mails }, model });
    expect(run).toMatchObject({ output: [answer, answer], seconds: 3 * 3600 });
  });
});
