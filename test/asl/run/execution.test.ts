import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  any,
  call,
  compileWorkflow,
  each,
  eq,
  gather,
  repeat,
  when,
  workflow,
} from '../../../lib/index.ts';
import { act, run } from './program.ts';

const own = { execution: 'own' } as const;
const input = z.object({
  value: z.unknown(),
  after: z.number().default(0),
  fail: z.boolean().default(false),
});

/** Takes `after` seconds, then gives the value or fails with 'Inner.Failed'. */
const inner = await workflow('inner', { input }, async ({ value, after, fail }) => {
  const first = await act({ value, after });
  return {
    given: await when(
      eq(fail, true),
      act({ value: first, fail: 'Inner.Failed' }),
      act({ value: first }),
    ),
  };
});
const none = z.object({});

describe('call with an execution of its own', () => {
  it('gives what the workflow returns, in one state and those of the execution', async () => {
    const flow = await workflow('outer', { input: none }, async () => {
      const { given } = await call(inner, { value: [1, null] }, own);
      return { given };
    });
    const outcome = await run(flow);
    expect(outcome.output).toEqual({ given: [1, null] });
    expect(outcome.executions).toHaveLength(1);
    expect(outcome.history.filter(({ type }) => type.endsWith('StateEntered'))).toHaveLength(1);
    expect(compileWorkflow(flow).resources).toEqual([
      { kind: 'workflow', placeholder: 'WorkflowInner', workflow: 'inner' },
    ]);
  });

  it('is linked to the run that started it, and named after it', async () => {
    const flow = await workflow('outer', { input: none }, async () =>
      call(inner, { value: 1 }, own),
    );
    const { executions, history } = await run(flow);
    const [child] = executions;
    const given = JSON.parse(child!.input.text);
    expect(given).toEqual({
      value: 1,
      after: 0,
      fail: false,
      AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: expect.stringMatching(
        /^arn:.*:execution:machine:/,
      ),
    });
    const { name } = child!.identity;
    expect(name).toMatch(/^[0-9a-f-]{36}--inner-[0-9a-f]{20}$/);
    expect(name.length).toBeLessThanOrEqual(80);
    const submitted = history.find(({ type }) => type === 'TaskSubmitted');
    expect(submitted?.details?.output).toContain(`:execution:inner:${name}`);
  });

  it('takes its whole input from a step', async () => {
    const flow = await workflow('outer', { input: none }, async () => {
      const all = await act({ value: { value: 'x', after: 0, fail: false } });
      return call(inner, all, own);
    });
    expect((await run(flow)).output).toEqual({ given: 'x' });
  });

  it('runs beside others, each by a name of its own, also in loops inside of loops', async () => {
    const flow = await workflow('outer', { input: none }, async () => {
      const both = await gather({
        a: call(inner, { value: 'same', after: 3 }, own),
        b: call(inner, { value: 'same', after: 3 }, own),
      });
      const nested = await each([1, 2], () =>
        each([1, 2], () =>
          repeat({ start: { given: 0 } as { given: unknown }, most: 2 }, () =>
            call(inner, { value: 'same' }, own),
          ),
        ),
      );
      const distributed = await each(
        [1, 2],
        () => each([1, 2], () => call(inner, { value: 'same' }, own)),
        { distributed: true },
      );
      return { both, nested, distributed };
    });
    const { status, seconds, executions, output } = await run(flow);
    expect(status).toBe('SUCCEEDED');
    expect(seconds).toBe(3);
    expect(output).toMatchObject({ both: { a: { given: 'same' } } });
    expect(executions).toHaveLength(2 + 8 + 4);
    expect(new Set(executions.map(({ identity }) => identity.name)).size).toBe(14);
  });

  it('has the same names in another try of the same run', async () => {
    const flow = await workflow('outer', { input: none }, async () =>
      each([1, 2], () => call(inner, { value: 1 }, own)),
    );
    const document = JSON.parse(compileWorkflow(flow).definition);
    const { Name } = document.States.each.ItemProcessor.States.inner.Arguments;
    expect(Name).not.toMatch(/uuid|random|now|millis|EnteredTime/);
    expect(Name).toContain('RetryCount');
    expect(Name).toContain('RedriveCount');
  });

  it('tells the error and the cause of the execution to a catch, and to a slot', async () => {
    const flow = await workflow('outer', { input: none }, async () => ({
      caught: await call(inner, { value: 7, fail: true }, own).catch(({ error, cause }) => ({
        error,
        cause,
      })),
      settled: await gather(
        { bad: call(inner, { value: 8, fail: true }, own), good: call(inner, { value: 9 }, own) },
        { returnExceptions: true },
      ),
    }));
    const failure = (value: number) => ({
      error: 'Inner.Failed',
      cause: `because of ${value}`,
    });
    expect((await run(flow)).output).toEqual({
      caught: failure(7),
      settled: {
        bad: { status: 'rejected', reason: { ...failure(8), name: 'bad', index: 0 } },
        good: { status: 'fulfilled', value: { given: 9 } },
      },
    });
  });

  it('fails the caller where nobody catches it', async () => {
    const flow = await workflow('outer', { input: none }, async () =>
      call(inner, { value: 7, fail: true }, own),
    );
    const outcome = await run(flow);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(outcome.cause ?? '')).toMatchObject({
      Status: 'FAILED',
      Error: 'Inner.Failed',
      Cause: 'because of 7',
    });
  });

  it('is stopped where its branch loses, and at its time limit', async () => {
    const flow = await workflow('outer', { input: none }, async () => ({
      first: await any([
        call(inner, { value: 'slow', after: 60 }, own),
        act({ value: 'quick', after: 1 }),
      ]),
      late: await call(inner, { value: 'late', after: 60 }, own)
        .timeout('5 seconds')
        .catch('States.Timeout', () => 'too late'),
    }));
    const { output, stopped, seconds, executions } = await run(flow);
    expect(output).toMatchObject({ first: { value: 'quick' }, late: 'too late' });
    expect(stopped).toEqual(['slow', 'late']);
    expect(seconds).toBe(6);
    const ends = await Promise.all(executions.map(({ done }) => done));
    expect(ends.map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED']);
  });

  it('starts a new execution for each retry', async () => {
    const flow = await workflow('outer', { input: none }, async () =>
      call(inner, { value: 1, fail: true }, own)
        .retry({ maxAttempts: 2 })
        .catch(() => 'gave up'),
    );
    const { output, executions } = await run(flow);
    expect(output).toBe('gave up');
    expect(new Set(executions.map(({ identity }) => identity.name)).size).toBe(3);
  });

  it('calls workflows that call others', async () => {
    const middle = await workflow('middle', { input: none }, async () => ({
      twice: await gather([call(inner, { value: 1 }, own), call(inner, { value: 2 }, own)]),
    }));
    const flow = await workflow('outer', { input: none }, async () => call(middle, {}, own));
    const { output, executions } = await run(flow);
    expect(output).toEqual({ twice: [{ given: 1 }, { given: 2 }] });
    expect(executions).toHaveLength(3);
  });

  it('rejects a catch by a name that Step Functions does not tell', async () => {
    const flow = workflow('outer', { input: none }, async () =>
      call(inner, { value: 1 }, own).catch('Inner.Failed', () => 'never'),
    );
    await expect(flow).rejects.toThrow(
      "Step Functions tells the failure of an execution as 'States.TaskFailed'",
    );
  });

  it('rejects an input without a required field, and what is no workflow', async () => {
    const strict = await workflow(
      'strict',
      { input: z.object({ n: z.number() }) },
      async ({ n }) => n,
    );
    const wrong = (body: () => PromiseLike<unknown>) =>
      workflow('wrong', { input: none }, async () => body());
    await expect(wrong(() => call(strict, {} as never, own))).rejects.toThrow("lacks 'n'");
    await expect(wrong(() => call('no name' as never, {}, own))).rejects.toThrow(
      'where a workflow belongs',
    );
    await expect(
      wrong(() => call(strict, { n: 1 }, { execution: 'other' } as never)),
    ).rejects.toThrow("Write { execution: 'own' }");
  });

  it('rejects two workflows whose names come out as one', async () => {
    const flow = await workflow('outer', { input: none }, async () => [
      await call('a-b', {}, own),
      await call('aB', {}, own),
    ]);
    expect(() => compileWorkflow(flow)).toThrow('Rename one.');
  });
});
