import { VirtualClock } from '../../lib/engine/clock/virtual-clock.ts';
import { createEngine } from '../../lib/engine/engine.ts';
import { lambdaInvocation, lambdaInvokeResult } from '../../lib/engine/task/lambda-invoke.ts';
import type { TaskCall } from '../../lib/engine/task/task-port.ts';
import type { TokenAnswers } from '../../lib/model/background/desk.ts';
import { responsesOf } from '../../lib/model/background/responses.ts';
import { submitJob } from '../../lib/model/background/submit.ts';
import { sweepJobs } from '../../lib/model/background/sweep.ts';
import { takeWebhook } from '../../lib/model/background/webhook.ts';
import { batchCallsOf } from '../../lib/model/batch/calls.ts';
import type { BatchDesk } from '../../lib/model/batch/parts.ts';
import { sweepBatches } from '../../lib/model/batch/sweep.ts';
import { budgetedCall } from '../../lib/model/budget/budgeted-call.ts';
import { pursesOf } from '../../lib/model/budget/budgets-in-force.ts';
import { callModel } from '../../lib/model/call.ts';
import { limitedCall } from '../../lib/model/limiter/limited-call.ts';
import { Limiter } from '../../lib/model/limiter/limiter.ts';
import { memoryTable } from '../../lib/model/limiter/memory-table.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import type { ModelRequest } from '../../lib/model/request.ts';
import { checkRequest } from '../../lib/model/request-check.ts';
import { lambdaFailure } from '../../lib/testing/lambda-failure.ts';
import { seededRandom } from '../../lib/testing/seeded-random.ts';
import { addSum, keptIn, none, type Sum, type Tally } from './account.ts';
import { answersTo } from './background-lane.ts';
import { batchProvider } from './batch-provider.ts';
import { type BatchFault, draw, Hits } from './faults.ts';
import { faultyBatches } from './faulty-batches.ts';
import { faultyProvider, fetchFrom } from './faulty-provider.ts';
import { killed } from './killed-desk.ts';
import { Ledger } from './ledger.ts';
import { type SoakOptions, soakMachine, start, tally } from './sync-lane.ts';
import { Threads } from './threads.ts';
import { webhookSecret } from './webhook-sender.ts';

export interface BatchTally extends Tally {
  /** What became of the webhooks, by lib/model's words. */
  readonly webhooks: Readonly<Record<string, number>>;
  /** Jobs, batches and files that are left when all runs have ended. */
  readonly left: number;
  readonly files: number;
  /** Calls that fell out to the lane 'sync'. */
  readonly asSync: number;
}

/** Of 4 hours, what the document gives a batch: 880 seconds are kept for the sync call. */
const deadline = 14_400_000 - 880_000;
const mostTurns = 50;
/** A function of the minute begins no work after it, of its 5 minutes. */
const sweepTime = 275_000;

/**
 * Calls in the lane 'batch': noted, collected each minute from all runs, ended by webhooks and looks, or
 * fallen out to the lane 'sync'. Runs of four calls begin a minute and a half apart. On a virtual clock.
 */
export async function soakBatch({
  name,
  faults,
  calls,
  share = 0.4,
  seed = 1,
}: SoakOptions<BatchFault>): Promise<BatchTally> {
  const clock = new VirtualClock({ now: start });
  const threads = new Threads(clock, mostTurns);
  const [ledger, hits, table] = [new Ledger(), new Hits(faults), memoryTable()];
  const purses = new Set<string>();
  const webhooks: Record<string, number> = {};
  const now = () => clock.now();
  const pause = (ms: number) => threads.pause(ms);
  const random = seededRandom(seed);
  const rows = faultyBatches({ seed, faults, share, hits, pause });
  const provider = providerNamed('openai');
  // What an earlier row has left under way does not find this one.
  const host = `${crypto.randomUUID()}.test`;
  const baseURL = `http://${host}/v1`;
  const at = {
    provider,
    baseURL,
    environment: { CLOUDGATHER_API_KEY: 'key' },
    clock: threads.clock,
  };
  const limiter = new Limiter(table, { now, random });
  const untold = keptByNobody(answersTo(() => engine, pause));
  const desk: BatchDesk = {
    ...{ ...at, jobs: rows.jobs, responses: responsesOf(at), budgetTable: table, limiter, now },
    batch: { waiting: rows.waiting, rows: rows.rows, calls: batchCallsOf(at) },
    tokens: untold.tokens,
  };
  const openai = batchProvider({
    ...{ seed, faults, share, ledger, hits, threads, deadline },
    async deliver(webhook) {
      const { status, outcome } = await takeWebhook(webhook, webhookSecret, desk);
      webhooks[outcome] = (webhooks[outcome] ?? 0) + 1;
      return status;
    },
  });
  let asSync = 0;
  const chat = fetchFrom(
    faultyProvider({ seed, faults: [], share, ledger, hits, now, sleep: (_, ms) => pause(ms) }),
  );
  const engine = createEngine({
    tasks: { refuse: () => undefined, run: (call) => threads.inTask(call, () => run(call)) },
    clock,
    random: seededRandom(seed),
  });

  async function run(call: TaskCall): Promise<string> {
    try {
      if (call.taskToken === undefined) return JSON.stringify(await inSync(JSON.parse(call.input)));
      const event = JSON.parse(lambdaInvocation(call.input).payload);
      noted(event.request);
      return lambdaInvokeResult(JSON.stringify(await submitJob(event, desk)), 'soak');
    } catch (error) {
      throw lambdaFailure(error);
    }
  }

  function noted(request: ModelRequest) {
    const all = pursesOf(request, {}, now());
    for (const { key } of all) purses.add(key);
    return { purses: all, provider: 'openai', table };
  }

  function inSync(event: unknown): Promise<unknown> {
    const request = checkRequest(event as never, 'openai');
    asSync += 1;
    const connection = { provider, baseURL, apiKey: 'key' };
    return limitedCall(request, { provider, baseURL, random, now, limiter }, (onHeaders) =>
      budgetedCall(request, noted(request), (bounded, account) => {
        const options = { clock: threads.clock, deadline: now() + 900_000, onHeaders };
        return callModel(bounded, connection, { ...options, ...(account ? { account } : {}) });
      }),
    );
  }

  /** As the deployed function does: once a minute. Some are ended at any point of their work. */
  function sweepEachMinute(minute = 0): void {
    clock.setTimer(60_000, () => {
      if (isOver) return;
      threads.start(() => sweep(deskOf(minute)).catch(() => undefined));
      sweepEachMinute(minute + 1);
    });
  }

  async function sweep(by: BatchDesk): Promise<void> {
    await sweepBatches('due', by, now() + sweepTime);
    await sweepJobs(await by.jobs.due(now()), by, now() + sweepTime);
  }

  function deskOf(minute: number): BatchDesk {
    if (!faults.includes('collector: killed')) return desk;
    const chance = draw(seed, 'kill', minute);
    if (minute > mostKilled || chance() > share) return desk;
    return killed(desk, chance, () => hits.add('collector: killed'));
  }

  let isOver = false;
  const usual = { fetch: globalThis.fetch, warn: console.warn };
  globalThis.fetch = async (url, init = {}) => {
    const to = new URL(String(url));
    if (to.host !== host) return new Response('{}', { status: 404 });
    return openai.answer(to, init) ?? chat(url, init);
  };
  // What cannot be dealt with now is what is soaked.
  console.warn = () => undefined;
  try {
    sweepEachMinute();
    const books = { ledger, hits, table, purses, clock, perRun: 4, hoursAfter: 8 };
    const told = await tally(name, calls, books, async (index, input) => {
      const machine = await soakMachine('batch');
      await new Promise<void>((resolve) => clock.setTimer(index * 90_000, resolve));
      return engine.start(machine, { name: `run-${index}`, input });
    });
    addSum(told.budget.due, untold.kept());
    const double = told.double + openai.twice();
    return { ...told, double, webhooks, left: rows.open(), files: openai.files(), asSync };
  } finally {
    isOver = true;
    Object.assign(globalThis, { fetch: usual.fetch });
    console.warn = usual.warn;
  }
}

/** Later ones live, so that all ends. */
const mostKilled = 400;

/**
 * What counts as spent though nobody knows it, and though no state was there to be told: of calls that
 * had fallen out when their batch ended without a word of them.
 */
function keptByNobody(tokens: TokenAnswers) {
  const told = new Map<string, Sum>();
  const fail: TokenAnswers['fail'] = async (token, error, cause = '') => {
    const isTaken = await tokens.fail(token, error, cause);
    const kept = keptIn(cause);
    // Whoever was told first, a state or nobody, was told for all.
    if (kept && !told.has(token)) told.set(token, isTaken ? none() : kept);
    return isTaken;
  };
  return {
    tokens: { ...tokens, fail },
    kept(): Sum {
      const sum = none();
      for (const each of told.values()) addSum(sum, each);
      return sum;
    },
  };
}
