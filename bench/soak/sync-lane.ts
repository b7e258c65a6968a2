import { z } from 'zod';
import { substitute } from '../../lib/asl/document.ts';
import { VirtualClock } from '../../lib/engine/clock/virtual-clock.ts';
import { createEngine } from '../../lib/engine/engine.ts';
import { loadMachine, type Machine } from '../../lib/engine/machine.ts';
import type { TaskCall } from '../../lib/engine/task/task-port.ts';
import { compileWorkflow, each, model, workflow } from '../../lib/index.ts';
import { budgetedCall } from '../../lib/model/budget/budgeted-call.ts';
import { pursesOf } from '../../lib/model/budget/budgets-in-force.ts';
import { callModel } from '../../lib/model/call.ts';
import type { Lane } from '../../lib/model/lane.ts';
import { limitedCall } from '../../lib/model/limiter/limited-call.ts';
import { Limiter } from '../../lib/model/limiter/limiter.ts';
import { memoryTable } from '../../lib/model/limiter/memory-table.ts';
import type { LimiterTable } from '../../lib/model/limiter/table.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import { checkRequest } from '../../lib/model/request-check.ts';
import { lambdaFailure } from '../../lib/testing/lambda-failure.ts';
import { seededRandom } from '../../lib/testing/seeded-random.ts';
import { addOutcomes, addSum, miscounted, none, readRun, type Tally } from './account.ts';
import { Hits, type SyncFault } from './faults.ts';
import { faultyProvider, fetchFrom, serveFaulty } from './faulty-provider.ts';
import { idIn, Ledger, nanosOf, price, tokensOf } from './ledger.ts';

export interface SoakOptions<F> {
  /** What stands in the table. */
  readonly name: string;
  readonly faults: readonly F[];
  readonly calls: number;
  /** How often a request meets a fault. Default: 0.4. */
  readonly share?: number;
  readonly seed?: number;
}

/** Calls of one run: more would take a run beyond the 25,000 events that Step Functions allows. */
const mostPerRun = 125;
export const start = Date.UTC(2026, 0, 1);

/**
 * Calls in the sync lane through every layer that a deployed call passes: the document in the engine, the
 * limiter, the budget, the provider's client. Time is virtual: a hang of ten minutes ends by the call's own
 * limit of two, on the same clock.
 * @param wire 'memory': the client's fetch is answered in this process; 'http': on 127.0.0.1
 */
export async function soakSync(
  { name, faults, calls, share = 0.4, seed = 1 }: SoakOptions<SyncFault>,
  wire: 'memory' | 'http' = 'memory',
): Promise<Tally> {
  const clock = new VirtualClock({ now: start });
  const ledger = new Ledger();
  const hits = new Hits(faults);
  const open = new Map<string, TaskCall>();
  const random = seededRandom(seed);
  const now = () => clock.now();
  const sleep = async (id: string, ms: number) => {
    // A call that has ended in between no longer sleeps.
    await open
      .get(id)
      ?.sleep(ms)
      .catch(() => undefined);
  };
  const provider = faultyProvider({ seed, faults, share, ledger, hits, now, sleep });
  const served = wire === 'http' ? await serveFaulty(provider) : null;
  const baseURL = served?.baseURL ?? 'http://provider.test/v1';
  const usual = globalThis.fetch;
  if (served === null) globalThis.fetch = fetchFrom(provider);

  const table = memoryTable();
  const purses = new Set<string>();
  const openai = providerNamed('openai');
  const connection = { provider: openai, baseURL, apiKey: 'key' };
  const by = {
    ...{ provider: openai, baseURL, random, now },
    limiter: new Limiter(table, { now, random }),
  };

  async function run(call: TaskCall): Promise<string> {
    const request = checkRequest(JSON.parse(call.input), 'openai');
    const budgets = { purses: pursesOf(request, {}, now()), provider: 'openai', table };
    for (const { key } of budgets.purses) purses.add(key);
    open.set(idIn(call.input), call);
    const holds: (() => void)[] = [];
    const held = {
      now,
      // What a timer sets off takes no time: the clock stands until the call has ended.
      setTimer: (delay: number, callback: () => void) =>
        clock.setTimer(delay, () => {
          holds.push(clock.hold());
          callback();
        }),
    };
    try {
      const result = await limitedCall(request, by, (onHeaders) =>
        budgetedCall(request, budgets, (bounded, account) => {
          const deadline = now() + 900_000;
          const options = { clock: held, deadline, onHeaders, ...(account ? { account } : {}) };
          return callModel(bounded, connection, options);
        }),
      );
      return JSON.stringify(result);
    } catch (error) {
      throw lambdaFailure(error);
    } finally {
      for (const release of holds) release();
    }
  }

  try {
    const engine = createEngine({
      tasks: { refuse: () => undefined, run },
      clock,
      random: seededRandom(seed),
    });
    return await tally(name, calls, { ledger, hits, table, purses, clock }, async (run, input) =>
      engine.start(await soakMachine('sync'), { name: `run-${run}`, input }),
    );
  } finally {
    globalThis.fetch = usual;
    await served?.close();
  }
}

/** What is looked at when the runs are over. */
export interface Books {
  readonly ledger: Ledger;
  readonly hits: Hits;
  readonly table: LimiterTable;
  /** Keys of the budgets' rows. */
  readonly purses: ReadonlySet<string>;
  readonly clock: VirtualClock;
  /** Calls of a run. Default: 125. */
  readonly perRun?: number;
  /** Hours that belong to the books after the last run has ended. Default: 1. */
  readonly hoursAfter?: number;
}

/** Starts the runs, all at once, and holds what they say against the provider's book. */
export async function tally(
  fault: string,
  calls: number,
  { ledger, hits, table, purses, clock, perRun = mostPerRun, hoursAfter = 1 }: Books,
  begin: (run: number, input: string) => Promise<Parameters<typeof readRun>[0]>,
): Promise<Tally> {
  const sizes = Array.from({ length: Math.ceil(calls / perRun) }, (_, run) =>
    Math.min(perRun, calls - run * perRun),
  );
  const executions = await Promise.all(
    sizes.map((size, run) => {
      const items = Array.from({ length: size }, (_, item) => `call-${run}-${item}`);
      return begin(run, JSON.stringify({ items }));
    }),
  );
  let events = 0;
  for (const execution of executions) {
    await execution.done;
    events = Math.max(events, execution.history.length);
  }
  const minutes = Math.ceil((clock.now() - start) / 60_000);
  // What comes after the end (late webhooks, settling) belongs to the books, too.
  await new Promise<void>((resolve) => clock.setTimer(hoursAfter * 3_600_000, resolve));
  const outcomes: Record<string, number> = {};
  const [ours, due, spent, held] = [none(), none(), none(), none()];
  let lost = 0;
  for (const [run, execution] of executions.entries()) {
    const read = readRun(execution, run, sizes[run] ?? 0, ledger);
    addOutcomes(outcomes, read.outcomes);
    lost += read.lost;
    addSum(ours, read.ours);
    addSum(due, read.noted);
  }
  for (const key of purses) {
    const { row } = await table.change(key, {});
    const { tokens = 0, tokens_held = 0, usd = 0, usd_held = 0 } = row;
    addSum(spent, { tokens: tokens - tokens_held, nanos: usd - usd_held });
    addSum(held, { tokens: tokens_held, nanos: usd_held });
  }
  const provider = {
    tokens: ledger.sum((entry) => tokensOf(entry.told)),
    nanos: ledger.sum((entry) => nanosOf(entry.told)),
  };
  addSum(due, provider);
  addSum(due, {
    tokens: ledger.sum((entry) => tokensOf(entry.late)),
    nanos: ledger.sum((entry) => nanosOf(entry.late)),
  });
  return {
    ...{ fault, calls, hits: hits.counts, outcomes, lost, double: miscounted(ledger) },
    early: ledger.sum((entry) => entry.early),
    ...{ minutes, events },
    requests: ledger.sum((entry) => entry.requests),
    ...{ provider, ours, untold: ledger.sum((entry) => tokensOf(entry.untold)) },
    budget: { spent, due, held },
  };
}

const timeouts = {
  sync: '2 minutes',
  http: '1 minute',
  background: '1 hour',
  batch: '4 hours',
} as const;

/** The workflow of the soak, compiled as users' workflows are. */
export async function soakMachine(lane: Lane): Promise<Machine> {
  const ask = model({
    model: 'openai:m',
    lane,
    timeout: timeouts[lane],
    maxOutputTokens: 250,
    price,
    output: z.object({ id: z.string() }),
    limits: { requestsPerMinute: 100_000, tokensPerMinute: 100_000_000 },
  });
  const input = z.object({ items: z.array(z.string()) });
  const flow = await workflow(
    'soak',
    { input, budget: { usd: 1_000, tokens: 1_000_000_000 } },
    async ({ items }) =>
      each(items, (item) => ask({ prompt: `Answer for ${item}.` }), { returnExceptions: true }),
  );
  const { definition, functions } = compileWorkflow(flow);
  const arns = functions.map(({ placeholder, name }) => [
    placeholder,
    `arn:aws:lambda:us-east-1:123456789012:function:${name}:live`,
  ]);
  return loadMachine(substitute(definition, { ...Object.fromEntries(arns), RunTable: 'runs' }));
}
