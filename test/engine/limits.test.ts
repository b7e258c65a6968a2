import { expect, test } from 'vitest';
import { loadMachine } from '../../lib/engine/machine.ts';
import { branch, echo, engineWith, lambda, run, slow, task } from './harness.ts';

/** Runs something hostile and says how many real milliseconds it took. */
async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

test('fails a task that outlives its TimeoutSeconds, and aborts its call', async () => {
  let aborted = false;
  const { outcome, history, seconds } = await run(
    { StartAt: 'T', States: { T: task('f', { TimeoutSeconds: 5 }) } },
    {
      f: (_, call) =>
        new Promise(() => {
          call.signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
    },
  );
  expect(outcome).toEqual({ status: 'FAILED', error: 'States.Timeout' });
  expect(history.at(-2)).toMatchObject({
    type: 'LambdaFunctionTimedOut',
    details: { error: 'States.Timeout' },
  });
  expect(seconds).toBe(5);
  expect(aborted).toBe(true);
});

test('tells a task its deadline', async () => {
  const { output } = await run(
    {
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 10, Next: 'T' }, T: task('f', { TimeoutSeconds: 5 }) },
    },
    { f: (_, call) => call.deadline ?? null },
  );
  expect(output).toBe(Date.UTC(2026, 0, 1) + 15_000);
});

test('times out with the machine', async () => {
  const { outcome, types, seconds } = await run(
    { StartAt: 'T', TimeoutSeconds: 60, States: { T: task('f') } },
    { f: slow(3_600) },
  );
  expect(outcome).toEqual({ status: 'TIMED_OUT' });
  expect(types.at(-1)).toBe('ExecutionTimedOut');
  expect(seconds).toBe(60);
});

test('times an Express workflow out after five minutes', async () => {
  const { outcome, seconds } = await run(
    { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 3_600, End: true } } },
    {},
    {},
    { type: 'EXPRESS' },
  );
  expect(outcome).toEqual({ status: 'TIMED_OUT' });
  expect(seconds).toBe(300);
});

test('waits a week in no time, and in order', async () => {
  const { seconds, output } = await run({
    StartAt: 'Fan',
    States: {
      Fan: {
        Type: 'Parallel',
        Branches: [
          branch('Week', { Type: 'Wait', Seconds: 604_800, End: true }),
          branch('Day', { Type: 'Wait', Seconds: 86_400, End: true }),
        ],
        End: true,
      },
    },
  });
  expect(seconds).toBe(604_800);
  expect(output).toEqual([{}, {}]);
});

test('ends a Standard execution at 25,000 events, the last being its failure', async () => {
  let history: readonly { type: string }[] = [];
  const took = await timed(async () => {
    const { outcome, history: events } = await run({
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Next: 'C' },
        C: {
          Type: 'Choice',
          Choices: [{ Variable: '$.never', IsPresent: true, Next: 'End' }],
          Default: 'A',
        },
        End: { Type: 'Succeed' },
      },
    });
    history = events;
    expect(outcome).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
  });
  expect(history).toHaveLength(25_000);
  expect(history.at(-1)?.type).toBe('ExecutionFailed');
  expect(took).toBeLessThan(1_000);
});

test('ends an Express loop that never waits, and lets others run meanwhile', async () => {
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  const { outcome } = await run(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Next: 'C' },
        C: {
          Type: 'Choice',
          Choices: [{ Variable: '$.never', IsPresent: true, Next: 'End' }],
          Default: 'A',
        },
        End: { Type: 'Succeed' },
      },
    },
    {},
    {},
    { type: 'EXPRESS' },
  );
  clearInterval(ticking);
  expect(outcome.status).toBe('TIMED_OUT');
  expect(turns).toBeGreaterThan(3);
});

test('fails a Pass whose output takes more than 256 KiB', async () => {
  const { outcome } = await run(
    {
      QueryLanguage: 'JSONata',
      StartAt: 'P',
      States: {
        P: {
          Type: 'Pass',
          Output: '{% $pad($states.input, 200000) & $pad("", 100000) %}',
          End: true,
        },
      },
    },
    {},
    'x',
  );
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});

test('counts bytes, not characters', async () => {
  const { outcome } = await run(
    { StartAt: 'T', States: { T: task('f') } },
    { f: () => 'é'.repeat(140_000) },
  );
  expect(outcome).toMatchObject({ error: 'States.DataLimitExceeded' });
});

test('fails when one state assigns more than 256 KiB', async () => {
  const { outcome } = await run({
    QueryLanguage: 'JSONata',
    StartAt: 'P',
    States: { P: { Type: 'Pass', Assign: { big: '{% $pad("", 270000) %}' }, End: true } },
  });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});

test('rejects an input of 100 MB within a second', async () => {
  const machine = loadMachine({ StartAt: 'T', States: { T: task('f') } });
  const input = `"${'x'.repeat(100_000_000)}"`;
  const took = await timed(() => {
    expect(() => engineWith({}).start(machine, { input })).toThrow(
      expect.objectContaining({ name: 'InputInvalid' }),
    );
  });
  expect(took).toBeLessThan(1_000);
});

test('rejects an input that nests too deep', () => {
  const machine = loadMachine({ StartAt: 'T', States: { T: task('f') } });
  const input = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(() => engineWith({}).start(machine, { input })).toThrow('deeper');
});

test('fails a task whose result nests too deep or is not JSON', async () => {
  for (const text of [`${'['.repeat(50_000)}${']'.repeat(50_000)}`, '{oops']) {
    const engine = engineWith({}, { tasks: { refuse: () => undefined, run: () => text } });
    const execution = engine.start(loadMachine({ StartAt: 'T', States: { T: task('f') } }));
    expect(await execution.done).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  }
});

test('rejects a definition of a million states within a second', async () => {
  const states = Array.from({ length: 1_000_000 }, (_, i) => `"s${i}":{"Type":"Succeed"}`);
  const text = `{"StartAt":"s0","States":{${states.join(',')}}}`;
  const took = await timed(() => {
    expect(() => loadMachine(text)).toThrow(expect.objectContaining({ name: 'DefinitionInvalid' }));
  });
  expect(took).toBeLessThan(1_000);
});

test('rejects definitions that are not JSON, nest too deep or are no object', () => {
  for (const text of ['{', '[]', 'null', '['.repeat(100_000)]) {
    expect(() => loadMachine(text)).toThrow(expect.objectContaining({ name: 'DefinitionInvalid' }));
  }
});

test('rejects a resource that nobody serves, by its name, before anything runs', () => {
  const definition = { StartAt: 'T', States: { T: task('f') } };
  const refuse = (resource: string) => `No function ${resource} is known.`;
  expect(() => loadMachine(definition, { refuse })).toThrow(lambda('f'));
  expect(() => loadMachine(definition, { refuse })).toThrow(
    expect.objectContaining({ name: 'DefinitionUnsupported' }),
  );
});

test('takes __proto__ and constructor for names like any other', async () => {
  const input = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}');
  const { output } = await run(
    {
      QueryLanguage: 'JSONata',
      StartAt: 'P',
      States: {
        P: { Type: 'Pass', Assign: { constructor: 1, toString: '{% $states.input %}' }, Next: 'T' },
        T: task('echo', { Arguments: '{% $states.input %}' }),
      },
    },
    { echo },
    input,
  );
  expect(JSON.stringify(output)).toBe('{"__proto__":{"polluted":true},"constructor":1}');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('fails the execution, and only it, when a listener cannot take an event', async () => {
  const engine = engineWith(
    { f: () => 1 },
    {
      onEvent: ({ type }, arn) => {
        if (arn.endsWith(':bad') && type === 'LambdaFunctionSucceeded')
          throw new Error('disk full');
      },
    },
  );
  const machine = loadMachine({ StartAt: 'T', States: { T: task('f') } });
  const [bad, good] = ['bad', 'good'].map((name) => engine.start(machine, { name }));
  expect(await bad?.done).toEqual({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: 'disk full',
  });
  expect(await good?.done).toEqual({ status: 'SUCCEEDED', output: '1' });
});

test('ends even when a listener cannot take any event', async () => {
  let full = false;
  const onEvent = (): void => {
    if (full) throw new Error('disk full');
  };
  const engine = engineWith({ f: () => 1 }, { onEvent });
  const execution = engine.start(loadMachine({ StartAt: 'T', States: { T: task('f') } }));
  full = true;
  expect((await execution.done).status).toBe('FAILED');
  full = false;
  const next = engine.start(loadMachine({ StartAt: 'T', States: { T: task('f') } }));
  expect((await next.done).status).toBe('SUCCEEDED');
});
