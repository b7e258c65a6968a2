import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  approval,
  compileWorkflow,
  each,
  gather,
  sleep,
  type Workflow,
  workflow,
} from '../../lib/index.ts';

const input = z.object({ text: z.string() });

const documentOf = (flow: Workflow) => JSON.parse(compileWorkflow(flow).definition);

describe('an approval', () => {
  it('compiles to one Task on a task token, of which the answer is the result', async () => {
    const flow = await workflow('publishing', { input }, async ({ text }) =>
      approval({
        name: 'publish',
        question: `Publish ${text}?`,
        details: { text },
        timeout: '1 day',
      }),
    );
    expect(documentOf(flow)).toEqual({
      QueryLanguage: 'JSONata',
      StartAt: 'publish',
      States: {
        publish: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          Arguments: {
            FunctionName: '${Approval}',
            Payload: {
              token: '{% $states.context.Task.Token %}',
              approval: {
                workflow: 'publishing',
                run: '{% $states.context.Execution.Name %}',
                step: 'publish',
                question: "{% 'Publish ' & $states.context.Execution.Input.text & '?' %}",
                details: { text: '{% $states.context.Execution.Input.text %}' },
                timeoutSeconds: 86_400,
              },
            },
          },
          TimeoutSeconds: 86_400,
          Retry: [expect.objectContaining({ MaxAttempts: 6 })],
          End: true,
        },
      },
    });
    expect(compileWorkflow(flow).functions).toEqual([
      { kind: 'approval', placeholder: 'Approval', name: 'approval', timeoutSeconds: 30 },
    ]);
  });

  it('takes its default in its own Catch, and no state where something follows', async () => {
    const flow = await workflow('waiting', { input }, async () => {
      const said = await approval({
        question: 'Go on?',
        timeout: 60,
        default: { approved: true, comment: 'silence' },
      });
      await sleep(5);
      return said.approved;
    });
    const { approval: state, ...others } = documentOf(flow).States;
    expect(Object.keys(others)).toEqual(['sleep']);
    expect(state.Catch).toEqual([
      {
        ErrorEquals: ['States.Timeout'],
        Assign: { approval_approved: true },
        Next: 'sleep',
      },
    ]);
    expect(state.Assign).toEqual({ approval_approved: '{% $states.result.approved %}' });
  });

  it('needs one state for its default where nothing follows', async () => {
    const flow = await workflow('ending', { input }, async () =>
      approval({ question: 'Go on?', timeout: 60, default: { approved: false } }),
    );
    const { States } = documentOf(flow);
    expect(States.approval.Catch).toEqual([
      {
        ErrorEquals: ['States.Timeout'],
        Output: { approved: false, comment: null, by: null, how: 'default' },
        Next: 'approval by default',
      },
    ]);
    expect(States['approval by default']).toEqual({ Type: 'Pass', End: true });
  });

  it('asks in branches and in each, one question for each', async () => {
    const flow = await workflow(
      'many',
      { input: z.object({ names: z.array(z.string()) }) },
      async ({ names }) => ({
        both: await gather({
          legal: approval({ question: 'Legal?', timeout: 60 }),
          press: approval({ question: 'Press?', timeout: 60 }),
        }),
        all: await each(names, (name) => approval({ question: `Hire ${name}?`, timeout: 60 })),
      }),
    );
    const text = compileWorkflow(flow).definition;
    expect(text.match(/invoke\.waitForTaskToken/g)).toHaveLength(3);
    expect(text).toContain('"step": "legal"');
  });

  it('tells the run of the caller in an execution of its own', async () => {
    const flow = await workflow(
      'far',
      { input: z.object({ names: z.array(z.string()) }) },
      async ({ names }) =>
        each(names, (name) => approval({ question: `Hire ${name}?`, timeout: 60 }), {
          distributed: true,
        }),
    );
    expect(compileWorkflow(flow).definition).toContain('"run": "{% $states.input.run %}"');
  });

  it('carries a hostile question inertly', async () => {
    const hostile = `"}}' %} \${Approval} {% $eval("1") %} </script><b> \\ \u2028`;
    const flow = await workflow('hostile', { input }, async () =>
      approval({ question: hostile, details: { [hostile]: hostile }, timeout: 60 }),
    );
    const { definition } = compileWorkflow(flow);
    expect(definition.match(/\$\{/g)).toHaveLength(1);
    const asked = JSON.parse(definition).States.approval.Arguments.Payload.approval;
    expect(asked.question).toBe(hostile);
  });

  it.each([
    ['an empty question', { question: ' ', timeout: 60 }, 'is not a text that asks something'],
    ['an object as its question', { question: {}, timeout: 60 }, 'is not a text'],
    ['no timeout', { question: 'Go?' }, 'The duration undefined cannot be used'],
    ['a timeout over three years', { question: 'Go?', timeout: 1e8 }, 'cannot be used'],
    ['an unknown option', { question: 'Go?', timeout: 60, by: 'me' }, "unknown option 'by'"],
    [
      'a default that decides nothing',
      { question: 'Go?', timeout: 60, default: {} },
      'must say whether',
    ],
  ])('rejects %s', async (_, options, message) => {
    const flow = workflow('wrong', { input }, async () => approval(options as never));
    await expect(flow).rejects.toThrow(message);
  });
});
