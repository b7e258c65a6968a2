import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import { loadMachine } from '../../lib/engine/machine.ts';
import { handlers, machines } from './generated-machine.ts';
import { branch, ended, engineWith, fails, type Handler, lambda, run, task } from './harness.ts';

/** The state visits (ids of their Entered events) whose task has succeeded in these events. */
function succeededVisits(events: readonly HistoryEvent[]): readonly number[] {
  return events
    .filter(({ type }) => type === 'LambdaFunctionSucceeded')
    .map((event) => {
      let at: HistoryEvent | undefined = event;
      while (at && !at.type.endsWith('StateEntered')) at = events[at.previousEventId - 1];
      return at?.id ?? 0;
    });
}

/** How often each handler is called. */
function counted(calls: string[]): Readonly<Record<string, Handler>> {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]): [string, Handler] => [
      name,
      (input, call) => {
        calls.push(call.stateName);
        return handler(input, call);
      },
    ]),
  );
}

test('a crash after any event and a resume give what no crash gives', async () => {
  await fc.assert(
    fc.asyncProperty(machines, fc.double({ min: 0, max: 1, noNaN: true }), async (def, where) => {
      const whole = await run(def, handlers);
      const crash = 1 + Math.floor(where * (whole.history.length - 1));
      const recorded = whole.history.slice(0, crash);
      const calls: string[] = [];
      const engine = engineWith(counted(calls));
      const resumed = await ended(engine.resume(loadMachine(def), recorded));
      expect(resumed.outcome).toEqual(whole.outcome);
      expect(resumed.history.slice(0, crash)).toEqual(recorded);
      expect(resumed.history.map(({ id }) => id)).toEqual(resumed.history.map((_, i) => i + 1));
      const visits = succeededVisits(resumed.history);
      expect(new Set(visits).size).toBe(visits.length);
      const scheduled = resumed.history
        .slice(crash)
        .filter(({ type }) => type.endsWith('Scheduled'));
      expect(calls).toHaveLength(scheduled.length);
    }),
    { numRuns: 150 },
  );
});

test('a second crash while resuming loses nothing either', async () => {
  await fc.assert(
    fc.asyncProperty(
      machines,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (def, first, second) => {
        const whole = await run(def, handlers);
        const machine = loadMachine(def);
        const crash = 1 + Math.floor(first * (whole.history.length - 1));
        const once = await ended(
          engineWith(handlers).resume(machine, whole.history.slice(0, crash)),
        );
        const again = crash + Math.floor(second * (once.history.length - crash));
        const twice = await ended(
          engineWith(handlers).resume(machine, once.history.slice(0, again)),
        );
        expect(twice.outcome).toEqual(whole.outcome);
      },
    ),
    { numRuns: 60 },
  );
});

test('an execution that had ended ends the same way at once', async () => {
  const definition = { StartAt: 'T', States: { T: task('f') } };
  const { history, outcome } = await run(definition, { f: () => 1 });
  const resumed = await ended(engineWith({}).resume(loadMachine(definition), history));
  expect(resumed.outcome).toEqual(outcome);
  expect(resumed.history).toEqual(history);
});

test('says in the history that a step in flight is run again', async () => {
  const definition = { StartAt: 'T', States: { T: task('f') } };
  const { history } = await run(definition, { f: () => 1 });
  const crashed = history.slice(0, 4);
  const { types, output } = await ended(
    engineWith({ f: () => 2 }).resume(loadMachine(definition), crashed),
  );
  expect(output).toBe(2);
  expect(types.filter((type) => type === 'LambdaFunctionScheduled')).toHaveLength(2);
  expect(types.filter((type) => type === 'TaskStateEntered')).toHaveLength(1);
});

test('waits only for what is left of a Wait', async () => {
  const definition = {
    StartAt: 'W',
    States: { W: { Type: 'Wait', Seconds: 100, End: true } },
  };
  const { history } = await run(definition);
  const engine = engineWith({});
  engine.clock.setTimer(60_000, () => {});
  await new Promise((resolve) => engine.clock.setTimer(60_000, () => resolve(undefined)));
  const { seconds } = await ended(engine.resume(loadMachine(definition), history.slice(0, 2)));
  expect(seconds).toBe(100);
});

test('keeps a task token that is out good, without calling the service again', async () => {
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { token: '{% $states.context.Task.Token %}' },
        End: true,
      },
    },
  };
  let token = '';
  let calls = 0;
  const ask: Handler = (input) => {
    calls++;
    token = (input as { token: string }).token;
    return 'sent';
  };
  const resource = { 'invoke.waitForTaskToken': ask };
  const first = engineWith(resource, { tokenSecret: 's' });
  const open = first.start(loadMachine(definition), { name: 'one' });
  await expect.poll(() => open.history.at(-1)?.type).toBe('TaskSubmitted');
  const second = engineWith(resource, { tokenSecret: 's' });
  const resumed = second.resume(loadMachine(definition), [...open.history], { name: 'one' });
  second.sendTaskSuccess(token, '"answer"');
  expect((await ended(resumed)).output).toBe('answer');
  expect(calls).toBe(1);
});

test('redrives only the branch that failed', async () => {
  const definition = {
    StartAt: 'Fan',
    States: {
      Fan: {
        Type: 'Parallel',
        Branches: [
          branch('Good', task('good')),
          branch('First', task('good', { Next: 'Bad' }), { Bad: task('bad') }),
        ],
        End: true,
      },
    },
  };
  const failed = await run(definition, { good: () => 'g', bad: fails('Boom') });
  expect(failed.outcome.status).toBe('FAILED');
  const calls: string[] = [];
  const note: Handler = (_, call) => {
    calls.push(call.stateName);
    return 'again';
  };
  const engine = engineWith({ good: note, bad: note });
  const { output, types } = await ended(engine.redrive(loadMachine(definition), failed.history));
  expect(output).toEqual(['g', 'again']);
  expect(calls).toEqual(['Bad']);
  expect(types[failed.history.length]).toBe('ExecutionRedriven');
});

test('redrives only the iterations that failed, counting retries from zero', async () => {
  const definition = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: {
          StartAt: 'T',
          States: {
            T: task('f', { Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 1 }] }),
          },
        },
        End: true,
      },
    },
  };
  const odd: Handler = (input, call) => (input === 2 ? fails('Boom')(null, call) : input);
  const failed = await run(definition, { f: odd }, [1, 2, 3]);
  const attempts: number[] = [];
  const engine = engineWith({
    f: (input, call) => {
      attempts.push(call.attempt);
      return call.attempt === 1 ? fails('Boom')(null, call) : input;
    },
  });
  const { output } = await ended(engine.redrive(loadMachine(definition), failed.history));
  expect(output).toEqual([1, 2, 3]);
  expect(attempts).toEqual([1, 2]);
});

test('redrives a redriven execution, and resumes it', async () => {
  const definition = { StartAt: 'A', States: { A: task('a', { Next: 'B' }), B: task('b') } };
  const machine = loadMachine(definition);
  const bad = { a: () => 1, b: fails('Boom') };
  const first = await run(definition, bad);
  const second = await ended(engineWith(bad).redrive(machine, first.history));
  expect(second.outcome.status).toBe('FAILED');
  const third = await ended(engineWith({ b: () => 2 }).redrive(machine, second.history));
  expect(third.output).toBe(2);
  expect(third.execution.identity.redriveCount).toBe(2);
  const crash = third.history.findIndex(
    ({ id, type }) => type === 'LambdaFunctionStarted' && id > second.history.length,
  );
  const fourth = await ended(
    engineWith({ b: () => 2 }).resume(machine, third.history.slice(0, crash + 1)),
  );
  expect(fourth.output).toBe(2);
});

test('counts the retries of an earlier process', async () => {
  const definition = {
    StartAt: 'T',
    States: { T: task('f', { Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 2 }] }) },
  };
  const whole = await run(definition, { f: fails('Boom') });
  const crash = whole.types.lastIndexOf('LambdaFunctionScheduled');
  const { history, outcome } = await ended(
    engineWith({ f: fails('Boom') }).resume(loadMachine(definition), whole.history.slice(0, crash)),
  );
  expect(outcome).toEqual(whole.outcome);
  expect(history.filter(({ type }) => type === 'LambdaFunctionFailed')).toHaveLength(3);
});

test('fails to resume what is no history', () => {
  const machine = loadMachine({
    StartAt: 'T',
    States: { T: { ...task('f'), Resource: lambda('f') } },
  });
  expect(() => engineWith({}).resume(machine, [])).toThrow('ExecutionStarted');
});
