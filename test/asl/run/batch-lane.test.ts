import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { substitute } from '../../../lib/asl/document.ts';
import { VirtualClock } from '../../../lib/engine/clock/virtual-clock.ts';
import { createEngine } from '../../../lib/engine/engine.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import { lambdaInvokeResult } from '../../../lib/engine/task/lambda-invoke.ts';
import {
  agent,
  any,
  call,
  compileWorkflow,
  each,
  gather,
  gt,
  model,
  quorum,
  race,
  repeat,
  task,
  tool,
  type Workflow,
  workflow,
} from '../../../lib/index.ts';
import type { Lane } from '../../../lib/model/lane.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';
import { createRunFold } from '../../../lib/run/fold.ts';
import { scriptedModel, type TestModel, testRun } from '../../../lib/testing/index.ts';

const input = z.object({ question: z.string().default('Why?') });
const hour = 3600;

type Ask = ReturnType<typeof model>;

/** The same program in any lane. */
interface Program {
  readonly in: (ask: Ask, lane: Lane) => Promise<Workflow>;
  /** Transitions more for each call that falls out of the lane: the sync call's. */
  readonly calls: number;
}

const act = task<(given: { value: number }) => Promise<number>>('functions/act.ts');

const programs: Readonly<Record<string, Program>> = {
  'one step': {
    calls: 1,
    in: (ask) => workflow('w', { input }, async ({ question }) => ask({ prompt: question })),
  },
  'three steps, one after the other, the response of one': {
    calls: 3,
    in: (ask) =>
      workflow('w', { input }, async ({ question }) => {
        const a = await ask({ prompt: question });
        const { output, usage } = await ask({ prompt: `Doubt: ${a}` }).withResponse();
        const last = await ask({ prompt: `Sum up: ${output}` });
        return { question, a, tokens: usage.totalTokens, last };
      }),
  },
  'gather of three': {
    calls: 3,
    in: (ask) =>
      workflow('w', { input }, async ({ question }) =>
        gather({ a: ask({ prompt: question }), b: ask({ prompt: 'b' }), c: ask({ prompt: 'c' }) }),
      ),
  },
  'gather with returnExceptions, one at a time': {
    calls: 2,
    in: (ask) =>
      workflow('w', { input }, async ({ question }) =>
        gather([ask({ prompt: question }), ask({ prompt: 'b' })], {
          returnExceptions: true,
          concurrency: 1,
        }),
      ),
  },
  'each of four items': {
    calls: 4,
    in: (ask) =>
      workflow('w', { input }, async ({ question }) =>
        each([1, 2, 3, 4], (item) => ask({ prompt: `${question} ${item}` })),
      ),
  },
  'each of four items, distributed': {
    calls: 4,
    in: (ask) =>
      workflow('w', { input }, async ({ question }) =>
        each([1, 2, 3, 4], (item) => ask({ prompt: `${question} ${item}` }), { distributed: true }),
      ),
  },
  'a loop of three turns': {
    calls: 3,
    in: (ask) =>
      workflow('w', { input }, async ({ question }) =>
        repeat(
          { start: { said: question, turns: 0 }, until: ({ turns }) => gt(turns, 2), most: 5 },
          async ({ said, turns }) => ({
            said: await ask({ prompt: `More than: ${said}` }),
            turns: await act({ value: turns }),
          }),
        ),
      ),
  },
  'a step with a catch': {
    calls: 1,
    in: (ask) =>
      workflow('w', { input }, async ({ question }) => {
        const said = await ask({ prompt: question }).catch('Model.Refused', () => 'No.');
        return { said };
      }),
  },
  'an execution of its own': {
    calls: 1,
    in: async (ask) => {
      const inner = await workflow('inner', { input }, async ({ question }) =>
        ask({ prompt: question }),
      );
      return workflow('w', { input }, async ({ question }) =>
        call(inner, { question }, { execution: 'own' }),
      );
    },
  },
};

/** Answers at once, but no batch in time. */
function slowBatches(): TestModel {
  const inner = scriptedModel();
  return {
    async answer(request, at) {
      if (isBatch(request)) await at.sleep(10 * hour * 1000);
      return inner.answer(request, at);
    },
  };
}

function isBatch({ timeoutSeconds = 0 }: ModelRequest): boolean {
  return timeoutSeconds > 880;
}

const tasks = { 'functions/act.ts': ({ value }: { value: number }) => value + 1 };

async function inLane(program: Program, lane: Lane, given: TestModel = scriptedModel()) {
  const timeout = lane === 'batch' ? hour : 120;
  const ask = model({ model: 'openai:gpt-5-mini', name: 'ask', lane, timeout });
  const run = await testRun(await program.in(ask, lane), { model: given, tasks });
  return { ...run, calls: run.calls.filter(({ request }) => !isBatch(request)).length };
}

const usd = ({ price }: { readonly price: { readonly usd: number } | null }) => price?.usd ?? 0;

describe.each(Object.entries(programs))('%s', (_, program) => {
  it('gives in a batch what it gives in sync, in as many transitions, at half the price', async () => {
    const sync = await inLane(program, 'sync');
    const batch = await inLane(program, 'batch');
    expect(sync.status).toBe('SUCCEEDED');
    expect(batch).toMatchObject({ status: 'SUCCEEDED', output: sync.output, calls: 0 });
    expect(batch.transitions).toBe(sync.transitions);
    const all = (of: typeof sync) => [of.run, ...of.executions];
    const sum = (of: typeof sync) => all(of).reduce((total, run) => total + usd(run), 0);
    expect(sum(batch)).toBeCloseTo(sum(sync) / 2, 9);
    const names = (of: typeof sync) =>
      all(of).flatMap(({ steps }) => steps.map(({ name, status, kind }) => [name, status, kind]));
    expect(names(batch)).toEqual(names(sync));
  });

  it('gives the same where no batch answers, by one more transition a call, at the whole price', async () => {
    const sync = await inLane(program, 'sync');
    const late = await inLane(program, 'batch', slowBatches());
    expect(late).toMatchObject({ status: 'SUCCEEDED', output: sync.output });
    expect(late.calls).toBe(program.calls);
    expect(late.transitions).toBe(sync.transitions + program.calls);
    const all = (of: typeof sync) => [of.run, ...of.executions];
    const told = (of: typeof sync) =>
      all(of).flatMap(({ steps }) =>
        steps.map(({ name, status, kind, item, usage, price }) => [
          ...[name, status, kind, item, usage, price],
        ]),
      );
    expect(told(late)).toEqual(told(sync));
    expect(all(late).map(usd)).toEqual(all(sync).map(usd));
  });
});

const timeout = hour;
const ask = model({ model: 'openai:gpt-5-mini', lane: 'batch', timeout });

/** Sync calls take so many seconds, by their prompt. */
function slowly(seconds: Readonly<Record<string, number>>): TestModel {
  const inner = slowBatches();
  return {
    async answer(request, at) {
      if (!isBatch(request)) await at.sleep((seconds[String(request.prompt)] ?? 0) * 1000);
      return inner.answer(request, at);
    },
  };
}

describe('where the first wins', () => {
  const both = () => ({ fast: ask({ prompt: 'fast' }), slow: ask({ prompt: 'slow' }) });

  it.each([
    ['any', () => any(both())],
    ['race', () => race(both())],
    ['quorum', () => quorum(1, both())],
  ] as const)('%s: a call that fell out of its batch wins as any other', async (_, first) => {
    const flow = await workflow('w', { input }, async () => ({ won: await first() }));
    const { output, run } = await testRun(flow, { model: slowly({ slow: 100, fast: 10 }) });
    expect(JSON.stringify(output)).toContain('Scripted answer');
    expect(run.steps.map(({ name, status }) => [name, status])).toEqual(
      expect.arrayContaining([
        ['fast', 'SUCCEEDED'],
        ['slow', 'ABORTED'],
      ]),
    );
  });
});

it('the tool of an agent asks in batches', async () => {
  const doubt = tool({
    description: 'Doubts.',
    input: z.object({ of: z.string() }),
    run: ({ of }) => ask({ prompt: of }),
  });
  const clerk = agent({ model: 'openai:gpt-5', tools: { doubt } });
  const flow = await workflow('w', { input }, async ({ question }) => clerk({ prompt: question }));
  const answer = ({ messages }: ModelRequest) => String(messages?.at(-1)?.content);
  const turns = scriptedModel({
    answer,
    toolCalls: ({ messages = [], prompt }) =>
      prompt === undefined && messages.every(({ role }) => role !== 'tool')
        ? [{ id: '1', name: 'doubt', arguments: { of: 'all' } }]
        : [],
  });
  for (const late of [false, true]) {
    const given: TestModel = {
      async answer(request, at) {
        if (late && isBatch(request)) await at.sleep(10 * hour * 1000);
        return turns.answer(request, at);
      },
    };
    const { status, run } = await testRun(flow, { model: given });
    expect(status).toBe('SUCCEEDED');
    const calls = run.steps.filter(({ kind }) => kind === 'task');
    expect(calls.map(({ attempts }) => attempts)).toEqual([1, late ? 2 : 1, 1]);
  }
});

describe('a call that no batch has answered', () => {
  it('is one step: its error is told, then the sync attempt', async () => {
    const flow = await workflow('w', { input }, async () => ask({ prompt: 'x' }));
    const { run, seconds } = await testRun(flow, { model: slowBatches() });
    expect(seconds).toBe(hour - 880);
    expect(run.steps).toMatchObject([
      {
        name: 'gpt-5-mini',
        status: 'SUCCEEDED',
        attempts: 2,
        error: { name: 'Model.BatchExpired' },
      },
    ]);
  });

  it('waits for its turn as a sync call, and stays one step', async () => {
    const limits = { requestsPerMinute: 1, tokensPerMinute: 1_000_000 };
    const inner = scriptedModel({ limits });
    const busy: TestModel = {
      async answer(request, at) {
        if (isBatch(request)) await at.sleep(10 * hour * 1000);
        return inner.answer(request, at);
      },
    };
    const flow = await workflow('w', { input }, async () =>
      gather({ a: ask({ prompt: 'a' }), b: ask({ prompt: 'b' }) }),
    );
    const { run, status, seconds } = await testRun(flow, { model: busy });
    expect(status).toBe('SUCCEEDED');
    expect(seconds).toBeGreaterThan(hour - 880 + 30);
    const tasksOf = run.steps.filter(({ kind }) => kind !== 'gather');
    expect(tasksOf.map(({ name, status: end }) => [name, end])).toEqual([
      ['a', 'SUCCEEDED'],
      ['b', 'SUCCEEDED'],
    ]);
    expect(tasksOf.reduce((sum, step) => sum + (step.deferrals ?? 0), 0)).toBeGreaterThan(0);
  });

  it('fails by the name of the sync call, which a catch takes', async () => {
    const refusing: TestModel = {
      async answer(request, at) {
        if (isBatch(request)) await at.sleep(10 * hour * 1000);
        return scriptedModel({ faults: { 'Model.Refused': 1 } }).answer(request, at);
      },
    };
    const failing = await workflow('w', { input }, async () => ask({ prompt: 'x' }));
    const caught = await workflow('w', { input }, async () =>
      ask({ prompt: 'x' }).catch('Model.Refused', ({ error }) => error),
    );
    const failed = await testRun(failing, { model: refusing });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Model.Refused' });
    expect(failed.run.steps).toMatchObject([{ status: 'FAILED', attempts: 2 }]);
    expect(await testRun(caught, { model: refusing })).toMatchObject({
      status: 'SUCCEEDED',
      output: 'Model.Refused',
    });
  });

  it('waits for another batch where its own policy names the error, and is then called', async () => {
    const flow = await workflow('w', { input }, async () =>
      ask({ prompt: 'x' }).retry({ on: ['Model.BatchExpired'], maxAttempts: 1, jitter: 'NONE' }),
    );
    const { run, status, seconds } = await testRun(flow, { model: slowBatches() });
    expect({ status, seconds }).toEqual({ status: 'SUCCEEDED', seconds: 2 * (hour - 880) + 1 });
    expect(run.steps).toMatchObject([{ attempts: 3, status: 'SUCCEEDED' }]);
  });

  it('is called at once where its own policy is for every error', async () => {
    const flow = await workflow('w', { input }, async () => ask({ prompt: 'x' }).retry({}));
    const { status, seconds } = await testRun(flow, { model: slowBatches() });
    expect({ status, seconds }).toEqual({ status: 'SUCCEEDED', seconds: hour - 880 });
  });
});

describe('a budget', () => {
  const short = { model: 'openai:gpt-5-mini', maxOutputTokens: 1_000, timeout } as const;
  const usual = (0.25 * 100 + 2 * 1_000) / 1_000_000;
  const held = (lane: Lane, usd: number) =>
    workflow('w', { input, budget: { usd } }, async () =>
      model({ ...short, lane, timeout: lane === 'sync' ? 880 : timeout })({ prompt: 'x' }),
    );

  it('holds the price of a batch for a call in a batch', async () => {
    const little = usual * 0.7;
    expect(await testRun(await held('batch', little))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await testRun(await held('sync', little))).toMatchObject({ error: 'Budget.Exceeded' });
  });

  it('is asked again for the sync call, at its own price', async () => {
    const late = { model: slowBatches() };
    const failed = await testRun(await held('batch', usual * 0.7), late);
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Budget.Exceeded' });
    expect(await testRun(await held('batch', usual * 3), late)).toMatchObject({
      status: 'SUCCEEDED',
    });
  });
});

describe('a call that nobody has looked at', () => {
  it('is called in sync when its state has timed out, and is one step', async () => {
    const clock = new VirtualClock({ now: 0 });
    const called: string[] = [];
    const engine = createEngine({
      clock,
      tasks: {
        refuse: () => undefined,
        run(of) {
          called.push(of.stateName);
          if (of.taskToken !== undefined) return lambdaInvokeResult('{"job":"j"}', 'id');
          const usage = { inputTokens: 3, outputTokens: 4, totalTokens: 7 };
          return JSON.stringify({ object: 'model.result', output: 'Late.', usage, price: null });
        },
      },
    });
    const flow = await workflow('w', { input }, async () => ask({ prompt: 'x' }));
    const { definition, functions } = compileWorkflow(flow);
    const arns = functions.map(({ placeholder, name }) => [
      placeholder,
      `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
    ]);
    const machine = loadMachine(substitute(definition, Object.fromEntries(arns)));
    const execution = engine.start(machine, { input: '{}' });
    expect(await execution.done).toMatchObject({ status: 'SUCCEEDED', output: '"Late."' });
    expect(called).toEqual(['gpt-5-mini', 'gpt-5-mini as sync']);
    expect(clock.now() / 1000).toBe(hour - 880 + 150);
    const told: string[] = [];
    const fold = createRunFold({ id: 'r', workflow: 'w' });
    for (const event of execution.history) {
      fold.apply(event);
      const statuses = fold.run.steps.map(({ status }) => status).join();
      if (statuses !== told.at(-1)) told.push(statuses);
    }
    expect(told).toEqual([
      '',
      'WAITING',
      'RUNNING',
      'WAITING',
      'RETRYING',
      'WAITING',
      'RUNNING',
      'SUCCEEDED',
    ]);
    expect(fold.run).toMatchObject({
      steps: [{ attempts: 2, error: { name: 'States.Timeout' }, usage: { totalTokens: 7 } }],
      usage: { totalTokens: 7 },
    });
  });
});
