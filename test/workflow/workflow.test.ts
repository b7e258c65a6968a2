import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gather, model, task, workflow } from '../../lib/index.ts';
import type { Step } from '../../lib/workflow/step.ts';

const ask = model({ model: 'openai:gpt-5-mini' });
const search =
  task<(input: { query: string }) => Promise<{ hits: string[] }>>('functions/search.ts');
const input = z.object({ question: z.string() });

describe('workflow', () => {
  it('adds steps in the order of awaiting, with references instead of values', async () => {
    const flow = await workflow('order', { input }, async ({ question }) => {
      const found = await search({ query: question });
      return await ask({ prompt: `Sum up: ${found.hits[0]}` });
    });
    expect(flow.graph.body.nodes).toMatchObject([
      { id: 1, kind: 'call', label: 'search' },
      { id: 2, kind: 'call', label: 'gpt-5-mini' },
    ]);
    expect(flow.graph.body.output).toEqual({ kind: 'result', node: 2, path: [] });
    expect(flow.graph.body.nodes[1]).toMatchObject({
      payload: {
        entries: [
          ['model', { kind: 'literal', value: 'gpt-5-mini' }],
          [
            'prompt',
            {
              kind: 'concat',
              parts: [
                { kind: 'literal', value: 'Sum up: ' },
                { kind: 'result', node: 1, path: ['hits', 0] },
              ],
            },
          ],
        ],
      },
    });
  });

  it('calls nothing: a task whose file does not exist is traced all the same', async () => {
    const flow = await workflow('lazy', { input }, async () => search({ query: 'x' }));
    expect(flow.graph.body.nodes).toHaveLength(1);
  });

  it('fails when a step is never awaited, with its name and source line', async () => {
    const made = workflow('forgot', { input }, async ({ question }) => {
      search({ query: question });
      return await ask({ prompt: question });
    });
    await expect(made).rejects.toMatchObject({
      name: 'StepNeverAwaited',
      message: expect.stringMatching(
        /Workflow 'forgot' makes a step that it never awaits: task 'search' \(.*workflow\.test\.ts:\d+\)\. .*Write `await`/,
      ),
    });
  });

  it('fails when a gather is never awaited, and names its branches too', async () => {
    const made = workflow('forgot', { input }, async ({ question }) => {
      gather([ask({ prompt: question })]);
      return null;
    });
    await expect(made).rejects.toThrow(/never awaits: model call 'gpt-5-mini' .*, gather \(/);
  });

  it('fails when a step is awaited twice', async () => {
    const made = workflow('twice', { input }, async ({ question }) => {
      const step = ask({ prompt: question });
      await step;
      return await step;
    });
    await expect(made).rejects.toThrow(
      /StepMisused|model call 'gpt-5-mini' .* is awaited a second time/,
    );
  });

  it('fails when steps are awaited together with Promise.all, and says to write gather', async () => {
    const made = workflow('all', { input }, async ({ question }) =>
      Promise.all([ask({ prompt: question }), ask({ prompt: question })]),
    );
    await expect(made).rejects.toThrow(/Write `await gather\(\[a, b\]\)`/);
  });

  it('fails when Promise.allSettled swallows the misuse', async () => {
    const made = workflow('settled', { input }, async ({ question }) => {
      await Promise.allSettled([ask({ prompt: question }), ask({ prompt: question })]);
      return null;
    });
    await expect(made).rejects.toThrow(/Write `await gather/);
  });

  it('fails when a step is passed without await', async () => {
    const made = workflow('unawaited', { input }, async ({ question }) => {
      const step = search({ query: question });
      return await ask({ prompt: step as never });
    });
    await expect(made).rejects.toThrow(/A step that was not awaited is passed as .*prompt/);
  });

  it('fails when a step is put into a template literal without await', async () => {
    const made = workflow('unawaited', { input }, async ({ question }) => {
      const step = search({ query: question });
      return await ask({ prompt: `Found: ${step}` });
    });
    await expect(made).rejects.toThrow(/is used as a value before it is awaited/);
  });

  it('fails when a step is made outside a body', () => {
    expect(() => ask({ prompt: 'x' })).toThrow(/outside a workflow's body .*workflow\.test\.ts/);
  });

  it('fails when a step of one workflow is awaited in another', async () => {
    let leaked: Step<string> | undefined;
    const first = workflow('first', { input }, async ({ question }) => {
      leaked = ask({ prompt: question });
      return null;
    });
    await expect(first).rejects.toThrow('never awaits');
    const second = workflow('second', { input }, async () => await (leaked as Step<string>));
    await expect(second).rejects.toThrow(/of workflow 'first' is awaited in workflow 'second'/);
  });

  it.each([['1st'], ['with space'], [''], ['x'.repeat(61)]])(
    'rejects the name %j and says what is allowed',
    async (name) => {
      await expect(workflow(name, { input }, async () => null)).rejects.toThrow(
        /1 to 60 letters, digits and '-'/,
      );
    },
  );

  it('rejects an unknown option and lists the known ones', async () => {
    const options = { input, retries: 3 };
    await expect(workflow('x', options, async () => null)).rejects.toThrow(
      /unknown option 'retries'. Allowed: input, description/,
    );
  });

  it('rejects an input that is no schema', async () => {
    await expect(workflow('x', { input: {} as never }, async () => null)).rejects.toThrow(
      /The input of workflow 'x' is not a schema/,
    );
  });

  it('rejects a schema that JSON Schema cannot say', async () => {
    const dated = z.object({ when: z.date() });
    await expect(workflow('x', { input: dated }, async () => null)).rejects.toThrow(
      /cannot be written as JSON Schema: .*Use types that JSON has/,
    );
  });

  it('gives the error of a body that throws', async () => {
    const made = workflow('x', { input }, async () => {
      throw new RangeError('my own');
    });
    await expect(made).rejects.toThrow(new RangeError('my own'));
  });
});

describe('model and task', () => {
  it('reject what they do not know, at definition time', () => {
    expect(() => model({ modell: 'openai:gpt-5-mini' } as never)).toThrow(
      /unknown option 'modell'/,
    );
    expect(() => model({ model: 'nobody:gpt' })).toThrow(/nobody/);
    expect(() => model({ model: 'x', baseURL: 'ftp://x' })).toThrow(/plain http or https URL/);
    expect(() => task('../outside')).toThrow(/does not name a module/);
    expect(() => task('/etc/passwd.ts')).toThrow(/does not name a module/);
  });

  it.each([
    [{}, /neither a prompt nor messages/],
    [{ prompt: 'a', messages: [] }, /a prompt and messages/],
    [{ prompt: 'a', promt: 'b' }, /unknown option 'promt'/],
    [{ prompt: () => 'a' }, /prompt .*is a function, which JSON cannot carry/],
    [{ prompt: 'a', extra: { when: new Date(0) } }, /extra\.when .*is a Date instance/],
    [{ prompt: 'a', temperature: Number.NaN }, /temperature .*is the number NaN/],
  ])('rejects the call %o', async (call, message) => {
    const made = workflow('x', { input }, async () => await ask(call as never));
    await expect(made).rejects.toThrow(message);
  });

  it('rejects a call that holds itself', async () => {
    const extra: Record<string, unknown> = {};
    extra.self = extra;
    const made = workflow('x', { input }, async () => ask({ prompt: 'a', extra: extra as never }));
    await expect(made).rejects.toThrow(/an object that contains itself/);
  });

  it.each([[0], [881], ['2 fortnights'], [1.5]])('rejects the timeout %j', async (limit) => {
    const made = workflow('x', { input }, async () => ask({ prompt: 'a' }).timeout(limit));
    await expect(made).rejects.toThrow(/The duration .* cannot be used/);
  });

  it.each([[''], ['two\nlines'], ['x'.repeat(81)]])('rejects the name %j', async (name) => {
    const made = workflow('x', { input }, async () => ask({ prompt: 'a' }).named(name));
    await expect(made).rejects.toThrow(/cannot name a state/);
  });

  it('rejects a name with a symbolic value in it', async () => {
    const made = workflow('x', { input }, async ({ question }) =>
      ask({ prompt: 'a' }).named(`for ${question}`),
    );
    await expect(made).rejects.toThrow(
      /The name 'for \$\{input\.question\}' holds a symbolic value/,
    );
  });
});
