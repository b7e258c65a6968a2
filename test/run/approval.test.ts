import { describe, expect, it } from 'vitest';
import type { HistoryEventDetails } from '../../lib/engine/history/event.ts';
import { approvalsIn, whyNotWaiting } from '../../lib/run/approval.ts';
import { createRunFold } from '../../lib/run/fold.ts';
import { redacted } from '../../lib/run/redacted.ts';
import { history } from './history.ts';

const waiting = { resource: 'invoke.waitForTaskToken', resourceType: 'lambda' };
const request = {
  workflow: 'panel',
  run: 'r1',
  step: 'publish',
  question: 'Publish?',
  details: { text: 'x' },
  timeoutSeconds: 60,
};
const payload = (approval: object) => ({
  ...waiting,
  parameters: JSON.stringify({ FunctionName: 'f', Payload: { token: 'token-canary', approval } }),
});
const submitted = { ...waiting, output: JSON.stringify({ Payload: { id: 'a1' } }) };
const answer = { approved: true, comment: null, by: 'Ada', how: 'answered' };

const asked = [
  ['ExecutionStarted', 0, { input: '{}' }],
  ['TaskStateEntered', 0, { name: 'publish' }],
  ['TaskScheduled', 2, payload(request)],
  ['TaskStarted', 3, waiting],
  ['TaskSubmitted', 4, submitted],
] as const satisfies readonly (readonly [string, number, HistoryEventDetails])[];

describe('what a run has asked', () => {
  it('waits from when it was asked until it is answered', () => {
    expect(approvalsIn(history(...asked.slice(0, 4)))).toEqual([]);
    expect(approvalsIn(history(...asked))).toEqual([
      {
        request,
        token: 'token-canary',
        stepId: 2,
        asked: Date.UTC(2026, 0, 1, 0, 0, 2),
        approval: {
          id: 'a1',
          step: 'publish',
          question: 'Publish?',
          details: { text: 'x' },
          askedAt: '2026-01-01T00:00:02.000Z',
          until: '2026-01-01T00:01:02.000Z',
          answer: null,
          waits: true,
        },
      },
    ]);
    const events = history(...asked, ['TaskSucceeded', 5, { output: JSON.stringify(answer) }]);
    const [{ approval } = never()] = approvalsIn(events);
    expect(approval).toMatchObject({
      waits: false,
      answer: { approved: true, comment: null, by: 'Ada' },
    });
    expect(whyNotWaiting(approval)).toBe(
      "The approval 'publish' is answered already: it was approved by Ada.",
    );
  });

  it.each([
    ['its time is over', ['TaskTimedOut', 5, { error: 'States.Timeout' }]],
    ['its branch is given up', ['TaskStateAborted', 5]],
    ['the run is stopped', ['ExecutionAborted', 5]],
    ['the run is redriven', ['ExecutionRedriven', 5]],
  ] as const)('does not wait when %s', (_, event) => {
    const [{ approval } = never()] = approvalsIn(history(...asked, event));
    expect(approval).toMatchObject({ waits: false, answer: null });
    expect(whyNotWaiting(approval)).toContain('no longer waits');
  });

  it('is none for another task that waits for its token', () => {
    const other = { ...waiting, parameters: '{"Payload":{"token":"t"}}' };
    const events = history(...asked.slice(0, 2), ['TaskScheduled', 2, other], ...asked.slice(3));
    expect(approvalsIn(events)).toEqual([]);
  });

  it('may be a question that the run computed to something else than text', () => {
    const event = ['TaskScheduled', 2, payload({ ...request, question: { a: 1 } })] as const;
    const [{ approval } = never()] = approvalsIn(
      history(...asked.slice(0, 2), event, ...asked.slice(3)),
    );
    expect(approval.question).toBe('{"a":1}');
  });
});

describe('a step that asks a person', () => {
  it('waits for approval, then runs, then is done', () => {
    const fold = createRunFold({ id: 'r1', workflow: 'panel' });
    const events = history(
      ...asked,
      ['TaskSucceeded', 5, { output: JSON.stringify(answer) }],
      ['TaskStateExited', 6, { name: 'publish' }],
    );
    const seen = events.map((event) => {
      fold.apply(event);
      const [step] = fold.run.steps;
      return step && [step.kind, step.status, step.waitsFor];
    });
    expect(seen.slice(1)).toEqual([
      ['task', 'WAITING', undefined],
      ['approval', 'WAITING', undefined],
      ['approval', 'RUNNING', undefined],
      ['approval', 'WAITING', 'approval'],
      ['approval', 'RUNNING', undefined],
      ['approval', 'SUCCEEDED', undefined],
    ]);
  });

  it('waits to be called back where it asks a service', () => {
    const fold = createRunFold({ id: 'r1', workflow: 'panel' });
    const other = { ...waiting, parameters: '{"Payload":{"token":"t"}}' };
    const events = history(...asked.slice(0, 2), ['TaskScheduled', 2, other], ...asked.slice(3));
    for (const event of events) fold.apply(event);
    expect(fold.run.steps[0]).toMatchObject({ kind: 'task', waitsFor: 'callback' });
  });
});

describe('an event as it is shown', () => {
  it('holds no task token, wherever one stands', () => {
    const ours = `YXJuOmF3czpzdGF0ZXM6${'x'.repeat(40)}.${'s'.repeat(43)}`;
    const theirs = `AQCE${'A'.repeat(4)}KgAAAAMAAAAAAAAAA${'Zz9/+'.repeat(40)}==`;
    const parameters = JSON.stringify({
      MessageBody: { taskToken: 'token-canary', text: `say ${ours} and ${theirs}.` },
      Payload: { token: { deep: 'kept' }, list: [ours] },
    });
    const event = { ...history(asked[2])[0]!, details: { ...waiting, parameters } };
    expect(JSON.parse(String(redacted(event).details?.parameters))).toEqual({
      MessageBody: { taskToken: '[task token]', text: 'say [task token] and [task token].' },
      Payload: { token: { deep: 'kept' }, list: ['[task token]'] },
    });
  });

  it('is the same where no token is', () => {
    const [event] = history([
      'TaskScheduled',
      0,
      { resource: 'invoke', parameters: '{"token":"x"}' },
    ]);
    expect(redacted(event!)).toBe(event);
  });
});

function never(): never {
  throw new Error('Nothing was asked.');
}
