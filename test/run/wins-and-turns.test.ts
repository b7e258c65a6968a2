import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stepLine } from '../../lib/cli/step-line.ts';
import { any, fail, gather, race, type Workflow, workflow } from '../../lib/index.ts';
import { createRunFold, foldRun } from '../../lib/run/fold.ts';
import type { Run } from '../../lib/run/run.ts';
import { act, run as runFlow } from '../asl/run/program.ts';
import { history, modelResult } from './history.ts';

const subject = { id: 'r', workflow: 'w' };
const input = z.object({});
const fast = () => act({ value: 'fast', after: 1 }).named('fast');
const slow = () => act({ value: 'slow', after: 9 }).named('slow');

/** How each step ended, and every status that was ever told of it. */
async function told(flow: Workflow): Promise<Record<string, readonly string[]>> {
  const { history: events } = await runFlow(flow);
  const fold = createRunFold(subject);
  const seen = new Map<string, string[]>();
  for (const event of events) {
    fold.apply(event);
    for (const { name, status } of fold.run.steps) {
      const statuses = seen.get(name) ?? [];
      if (statuses.at(-1) !== status) seen.set(name, [...statuses, status]);
    }
  }
  return Object.fromEntries(seen);
}

const went = ['WAITING', 'RUNNING', 'SUCCEEDED'];
const stopped = ['WAITING', 'RUNNING', 'ABORTED'];

describe('a gather that a winner ends', () => {
  it('any: has succeeded and at no moment failed; the losers are stopped', async () => {
    const flow = await workflow('any', { input }, async () => {
      const first = await any([fast(), slow()], { name: 'first' });
      return await act({ value: first.value }).named('after');
    });
    expect(await told(flow)).toEqual({ first: went, fast: went, slow: stopped, after: went });
  });

  it('race, at the end of a workflow, in a gather', async () => {
    const flow = await workflow('race', { input }, async () =>
      gather({ both: race([fast(), slow()]), beside: act({ value: 1 }) }, { name: 'all' }),
    );
    expect(await told(flow)).toEqual({
      all: went,
      both: went,
      fast: went,
      slow: stopped,
      beside: went,
    });
  });

  it('a deadline that is met; its timer is stopped', async () => {
    const flow = await workflow('limit', { input }, async () =>
      gather({ a: fast() }, { timeout: 5, name: 'all' }),
    );
    const steps = await told(flow);
    expect(steps.all).toEqual(went);
    expect(steps['fast in time'] ?? steps['a in time']).toEqual(went);
    expect(Object.values(steps).filter((statuses) => statuses.includes('FAILED'))).toEqual([]);
  });

  it('has failed where the first to settle failed, or all did', async () => {
    const lost = await workflow('lost', { input }, async () =>
      race([act({ value: 1, fail: 'Boom' }).named('bad'), slow()], { name: 'first' }),
    );
    const all = await workflow('all', { input }, async () =>
      any([act({ value: 1, fail: 'Boom' }).named('bad')], { name: 'first' }),
    );
    expect((await told(lost)).first?.at(-1)).toBe('FAILED');
    expect((await told(all)).bad?.at(-1)).toBe('FAILED');
  });

  it('has failed where the winner’s value was too long for a Fail', async () => {
    const flow = await workflow('long', { input }, async () =>
      race([act({ value: 'x'.repeat(40_000) }).named('fast'), slow()], { name: 'first' }).catch(
        () => 1,
      ),
    );
    expect((await told(flow)).first?.at(-1)).toBe('FAILED');
  });

  it('is not taken for won by a name alone', async () => {
    const flow = await workflow('named', { input }, async () =>
      gather(
        [
          () =>
            fail('Mine', 'no')
              .named('nobody won')
              .then(() => null),
          slow(),
        ],
        {
          name: 'all',
        },
      ).catch(() => 1),
    );
    expect((await told(flow)).all?.at(-1)).toBe('FAILED');
  });
});

const deferred = {
  error: 'Model.Deferred',
  cause:
    '{"errorType":"Model.Deferred","errorMessage":"openai:m is full. Turn: {\\"seconds\\":3}"}',
};

describe('a model call that is put off', () => {
  const events = history(
    ['ExecutionStarted', 0, { input: '{}' }],
    ['TaskStateEntered', 0, { name: 'gpt' }],
    ['LambdaFunctionScheduled', 2],
    ['LambdaFunctionStarted', 3],
    ['LambdaFunctionFailed', 4, deferred],
    ['TaskStateExited', 5, { name: 'gpt' }],
    ['WaitStateEntered', 6, { name: 'gpt waits' }],
    ['WaitStateExited', 7, { name: 'gpt waits' }],
    ['TaskStateEntered', 8, { name: 'gpt' }],
    ['LambdaFunctionScheduled', 9],
    ['LambdaFunctionStarted', 10],
    ['LambdaFunctionSucceeded', 11, { output: modelResult('m', 1, 0.1) }],
    ['TaskStateExited', 12, { name: 'gpt' }],
    ['TaskStateEntered', 13, { name: 'next' }],
  );

  it('is one step that waits for its turn, and then one attempt', () => {
    const fold = createRunFold(subject);
    const seen = events.slice(0, 13).map((event) => {
      fold.apply(event);
      const { status, attempts, deferrals, error } = fold.run.steps[0] ?? {};
      return `${status} ${attempts} ${deferrals} ${error?.name}`;
    });
    expect(seen.slice(1)).toEqual([
      'WAITING 0 undefined undefined',
      'WAITING 1 undefined undefined',
      'RUNNING 1 undefined undefined',
      ...Array(5).fill('WAITING 0 1 undefined'),
      'WAITING 1 1 undefined',
      'RUNNING 1 1 undefined',
      'RUNNING 1 1 undefined',
      'SUCCEEDED 1 1 undefined',
    ]);
    expect(fold.run.steps).toHaveLength(1);
    expect(fold.run.steps[0]).toMatchObject({
      startedAt: '2026-01-01T00:00:01.000Z',
      stoppedAt: '2026-01-01T00:00:12.000Z',
    });
  });

  it('says so in its line', () => {
    const { steps } = foldRun(subject, events.slice(0, 7));
    expect(stepLine(steps[0]!, Date.UTC(2026, 0, 1, 0, 0, 9))).toBe(
      'waiting for its turn, since 8.00 s',
    );
  });

  it('gives way to the step after it', () => {
    const { steps } = foldRun(subject, events);
    expect(steps.map(({ name, status }) => [name, status])).toEqual([
      ['gpt', 'SUCCEEDED'],
      ['next', 'WAITING'],
    ]);
  });

  it('is stopped with the run while it waits', () => {
    const { steps }: Run = foldRun(subject, [
      ...events.slice(0, 7),
      ...history(['ExecutionAborted', 7]).map((event) => ({ ...event, id: 8 })),
    ]);
    expect(steps).toMatchObject([{ name: 'gpt', status: 'ABORTED', deferrals: 1 }]);
  });

  it('fails as any other where another state takes the error', () => {
    const { steps } = foldRun(subject, [
      ...events.slice(0, 6),
      ...history(['TaskStateEntered', 6, { name: 'other' }]).map((event) => ({ ...event, id: 7 })),
    ]);
    expect(steps).toMatchObject([
      { name: 'gpt', status: 'FAILED' },
      { name: 'other', status: 'WAITING' },
    ]);
  });
});
