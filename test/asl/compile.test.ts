import validate from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { substitute } from '../../lib/asl/document.ts';
import { compileWorkflow, gather, model, task, workflow } from '../../lib/index.ts';
import { panel } from '../../workflows/01-panel.ts';
import { drafts } from '../../workflows/02-drafts.ts';

const input = z.object({ question: z.string() });
const ask = model({ model: 'openai:gpt-5-mini' });
type Plan = { queries: string[]; title: { text: string } };
const plan = task<(input: { about: string }) => Promise<Plan>>('functions/plan.ts');

// biome-ignore lint/suspicious/noExplicitAny: documents are looked into field by field.
type Document = any;

function documentOf(flow: Parameters<typeof compileWorkflow>[0]): Document {
  return JSON.parse(compileWorkflow(flow).definition);
}

describe('compileWorkflow', () => {
  it('writes one Task, with its function as Resource, for one step', async () => {
    const flow = await workflow('one', { input }, async ({ question }) =>
      plan({ about: question })
        .retry({ on: ['Busy'], maxAttempts: 2 })
        .timeout('1 minute'),
    );
    const compiled = compileWorkflow(flow);
    expect(compiled.definition).toBe(`{
  "QueryLanguage": "JSONata",
  "StartAt": "plan",
  "States": {
    "plan": {
      "Type": "Task",
      "Resource": "\${TaskPlan}",
      "Arguments": {
        "input": { "about": "{% $states.context.Execution.Input.question %}" },
        "payload": { "run": "{% $states.context.Execution.Name %}" }
      },
      "TimeoutSeconds": 60,
      "Retry": [
        {
          "ErrorEquals": ["Busy"],
          "IntervalSeconds": 1,
          "MaxAttempts": 2,
          "BackoffRate": 2,
          "MaxDelaySeconds": 60,
          "JitterStrategy": "FULL"
        }
      ],
      "End": true
    }
  }
}
`);
    expect(compiled.functions).toEqual([
      {
        kind: 'task',
        placeholder: 'TaskPlan',
        name: 'task-plan',
        entry: 'functions/plan.ts',
        handler: 'handler',
        timeoutSeconds: 70,
      },
    ]);
  });

  it('gives the same bytes for the same workflow', () => {
    expect(compileWorkflow(panel)).toEqual(compileWorkflow(panel));
  });

  it('assigns only what a later state reads, part by part', async () => {
    const flow = await workflow('reads', { input }, async ({ question }) => {
      const planned = await plan({ about: question });
      const unread = await ask({ prompt: 'Nobody reads this.' });
      await ask({ prompt: `${planned.queries[0]} of ${planned.queries}` });
      return { title: planned.title.text, unread };
    });
    const { States } = documentOf(flow);
    expect(States.plan.Assign).toEqual({
      plan_queries: '{% $states.result.queries %}',
      plan_title_text: '{% $states.result.title.text %}',
    });
    expect(States.unread.Assign).toEqual({ unread: '{% $states.result.output %}' });
    expect(States['gpt-5-mini'].Arguments.prompt).toBe(
      "{% $plan_queries[0] & ' of ' & $plan_queries %}",
    );
    expect(States['gpt-5-mini'].Output).toEqual({
      title: '{% $plan_title_text %}',
      unread: '{% $unread %}',
    });
  });

  it('names states by the user, the branch, the returned field, the model, and keeps them apart', async () => {
    const flow = await workflow('names', { input }, async ({ question }) => {
      const both = await gather({ gpt: ask({ prompt: question }) });
      const again = await gather({ gpt: ask({ prompt: `${both.gpt}` }) });
      const pair = await gather([ask({ prompt: 'a' }), ask({ prompt: 'b' })]);
      await ask({ prompt: `${again} ${pair}` }).named('my own');
      const verdict = await ask({ prompt: 'c' });
      return { verdict };
    });
    const { States } = documentOf(flow);
    const names = Object.keys(States).filter((name) => !name.endsWith(' waits'));
    expect(names).toEqual(['gather', 'gather 2', 'gather 3', 'my own', 'verdict']);
    expect(States.gather.Branches[0].StartAt).toBe('gpt');
    expect(States['gather 2'].Branches[0].StartAt).toBe('gpt 2');
    expect(States['gather 3'].Branches.map((branch: Document) => branch.StartAt)).toEqual([
      'gpt-5-mini',
      'gpt-5-mini 2',
    ]);
  });

  it('puts the catch inside the branches, and a rejected slot names its branch', async () => {
    const flow = await workflow('settle', { input }, async ({ question }) =>
      gather({ a: ask({ prompt: question }).named('first') }, { returnExceptions: true }),
    );
    const { States } = documentOf(flow);
    expect(States.gather.Catch).toBeUndefined();
    expect(States.gather.Retry).toBeUndefined();
    expect(States.gather.Output).toEqual({ a: '{% $states.result[0] %}' });
    const branch = States.gather.Branches[0];
    expect(branch.States.first.Catch).toMatchObject([
      { ErrorEquals: ['Model.Deferred'], Next: 'first waits' },
      {
        ErrorEquals: ['States.ALL'],
        Output: { status: 'rejected', reason: { name: 'a', index: 0 } },
        Next: 'first rejected',
      },
    ]);
    expect(branch.States.first.Output).toEqual({
      status: 'fulfilled',
      value: '{% $states.result.output %}',
    });
    expect(branch.States['first rejected']).toEqual({ Type: 'Pass', End: true });
  });

  it('needs one Pass for a workflow that awaits nothing', async () => {
    const flow = await workflow('nothing', { input }, async ({ question }) => ({ echo: question }));
    expect(documentOf(flow).States).toEqual({
      return: {
        Type: 'Pass',
        Output: { echo: '{% $states.context.Execution.Input.question %}' },
        End: true,
      },
    });
  });

  it('has the fewest states that panel can have: five, one a rejection, one a wait', () => {
    const { States } = documentOf(panel);
    const branches = States.answers.Branches.map((branch: Document) =>
      Object.keys(branch.States).sort(),
    );
    expect(Object.keys(States)).toEqual(['answers', 'verdict', 'verdict waits']);
    expect(branches).toEqual([
      ['gpt', 'gpt rejected', 'gpt waits'],
      ['claude', 'claude rejected', 'claude waits'],
      ['gemini', 'gemini rejected', 'gemini waits'],
    ]);
  });

  it('keeps each time limit below the next: call, function, state', () => {
    const compiled = compileWorkflow(panel);
    const state = JSON.parse(compiled.definition).States.verdict;
    const need = compiled.functions.find((each) => each.name === 'model-openai');
    expect(state.Arguments.timeoutSeconds).toBe(120);
    expect(need?.timeoutSeconds).toBe(130);
    expect(state.TimeoutSeconds).toBe(135);
  });

  it.each([['panel', panel] as const, ['drafts', drafts] as const])(
    'writes a document for %s that asl-validator accepts',
    (_name, flow) => {
      const { definition, functions } = compileWorkflow(flow);
      const arns = Object.fromEntries(
        functions.map(({ placeholder, name }) => [
          placeholder,
          `arn:aws:lambda:us-east-1:123456789012:function:${name}:live`,
        ]),
      );
      const result = validate(JSON.parse(substitute(definition, arns)));
      expect(result.errorsText()).toBe('');
      expect(result.isValid).toBe(true);
    },
  );

  it('rejects a step whose fixed input is over 256 KiB', async () => {
    const flow = await workflow('big', { input }, async () => ask({ prompt: 'x'.repeat(270_000) }));
    expect(() => compileWorkflow(flow)).toThrow(
      /The input of step 'gpt-5-mini' has at least 270\d+ bytes/,
    );
  });

  it('lays a document out for people, unless that alone would make it too long', async () => {
    const many = (count: number) =>
      workflow('many', { input }, async ({ question }) =>
        gather(
          Array.from({ length: count }, () => ask({ prompt: question })),
          { returnExceptions: true },
        ),
      );
    expect(compileWorkflow(await many(3)).definition).toMatch(/^\{\n {2}"QueryLanguage"/);
    expect(compileWorkflow(await many(600)).definition).toMatch(/^\{"QueryLanguage"/);
  });

  it('rejects a document over 1 MB', async () => {
    const flow = await workflow('big', { input }, async () =>
      gather(Array.from({ length: 5 }, () => ask({ prompt: 'x'.repeat(250_000) }))),
    );
    expect(() => compileWorkflow(flow)).toThrow(/document of workflow 'big' has 1\d+ bytes/);
  });

  it('rejects two tasks that would share one function', async () => {
    const one = task<() => Promise<number>>('functions/a-b.ts');
    const other = task<() => Promise<number>>('functions/a/b.ts');
    const flow = await workflow('clash', { input }, async () => gather([one(), other()]));
    expect(() => compileWorkflow(flow)).toThrow(/share the function 'task-a-b'/);
  });
});

describe('the models of Bedrock', () => {
  it('are named in what the document needs, each once, and those of no other provider', async () => {
    const flow = await workflow('rocks', { input }, async ({ question }) =>
      gather([
        model({ model: 'bedrock:openai.gpt-oss-20b-1:0' })({ prompt: question }),
        model({ model: 'bedrock:openai.gpt-oss-120b-1:0' })({ prompt: question }),
        model({ model: 'bedrock:openai.gpt-oss-20b-1:0' })({ prompt: question }),
        ask({ prompt: question }),
      ]),
    );
    expect(compileWorkflow(flow).functions).toMatchObject([
      { provider: 'bedrock', models: ['openai.gpt-oss-120b-1:0', 'openai.gpt-oss-20b-1:0'] },
      { provider: 'openai' },
    ]);
    expect(compileWorkflow(flow).functions[1]).not.toHaveProperty('models');
  });
});

describe('servers that are known by their URL alone', () => {
  const at = (baseURL: string) => model({ model: 'llama', baseURL });

  it('get a function each, on an address in numbers, too', async () => {
    const flow = await workflow('servers', { input }, async ({ question }) =>
      gather([
        at('http://127.0.0.1:8000/v1')({ prompt: question }),
        at('https://llm.example/v1')({ prompt: question }),
      ]),
    );
    expect(compileWorkflow(flow).functions).toMatchObject([
      { name: 'model-at-127-0-0-1-8000-v1', baseURL: 'http://127.0.0.1:8000/v1' },
      { name: 'model-llm-example-v1', baseURL: 'https://llm.example/v1' },
    ]);
  });

  it('fails for two whose names would be the same', async () => {
    const flow = await workflow('servers', { input }, async ({ question }) =>
      gather([
        at('https://llm.example/v1')({ prompt: question }),
        at('https://llm-example/v1')({ prompt: question }),
      ]),
    );
    expect(() => compileWorkflow(flow)).toThrow(
      /share the function 'model-llm-example-v1': https:\/\/llm\.example\/v1 and https:\/\/llm-example\/v1/,
    );
  });
});
