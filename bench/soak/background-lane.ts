import { VirtualClock } from '../../lib/engine/clock/virtual-clock.ts';
import { createEngine, type Engine } from '../../lib/engine/engine.ts';
import { lambdaInvocation, lambdaInvokeResult } from '../../lib/engine/task/lambda-invoke.ts';
import type { TaskCall } from '../../lib/engine/task/task-port.ts';
import { TaskTokenRefused } from '../../lib/engine/task/task-tokens.ts';
import type { Json } from '../../lib/json.ts';
import type { Desk, TokenAnswers } from '../../lib/model/background/desk.ts';
import { responsesOf } from '../../lib/model/background/responses.ts';
import { submitJob } from '../../lib/model/background/submit.ts';
import { sweepJobs } from '../../lib/model/background/sweep.ts';
import { takeWebhook } from '../../lib/model/background/webhook.ts';
import { pursesOf } from '../../lib/model/budget/budgets-in-force.ts';
import { Limiter } from '../../lib/model/limiter/limiter.ts';
import { memoryTable } from '../../lib/model/limiter/memory-table.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import type { ModelRequest } from '../../lib/model/request.ts';
import { lambdaFailure } from '../../lib/testing/lambda-failure.ts';
import { seededRandom } from '../../lib/testing/seeded-random.ts';
import type { Tally } from './account.ts';
import { backgroundProvider } from './background-provider.ts';
import { type BackgroundFault, Hits } from './faults.ts';
import { faultyJobs } from './faulty-jobs.ts';
import { Ledger } from './ledger.ts';
import { type SoakOptions, soakMachine, start, tally } from './sync-lane.ts';
import { Threads } from './threads.ts';
import { webhookSecret } from './webhook-sender.ts';

export interface BackgroundTally extends Tally {
  /** What became of the webhooks, by lib/model's words. */
  readonly webhooks: Readonly<Record<string, number>>;
  /** Jobs that are left when all runs have ended. */
  readonly left: number;
  readonly rowsLost: number;
}

/**
 * Calls in the lane 'background': submitted, parked on their tokens, ended by webhooks that come twice,
 * early, late, never or from somebody else, and by the look of every minute. On a virtual clock.
 */
export async function soakBackground({
  name,
  faults,
  calls,
  share = 0.4,
  seed = 1,
}: SoakOptions<BackgroundFault>): Promise<BackgroundTally> {
  const clock = new VirtualClock({ now: start });
  const threads = new Threads(clock);
  const ledger = new Ledger();
  const hits = new Hits(faults);
  const table = memoryTable();
  const purses = new Set<string>();
  const webhooks: Record<string, number> = {};
  const now = () => clock.now();
  const pause = (ms: number) => threads.pause(ms);
  const random = seededRandom(seed);
  const rows = faultyJobs({ seed, faults, share, hits, pause });
  const environment = { CLOUDGATHER_API_KEY: 'key' };
  const at = {
    ...{ provider: providerNamed('openai'), baseURL: 'http://provider.test/v1', environment },
    clock: threads.clock,
  };
  const desk: Desk = {
    ...{ ...at, jobs: rows.jobs, responses: responsesOf(at), budgetTable: table, now },
    limiter: new Limiter(table, { now, random }),
    tokens: answersTo(() => engine, pause),
  };
  const provider = backgroundProvider({
    ...{ seed, faults, share, ledger, hits, threads },
    async deliver(webhook) {
      const { status, outcome } = await takeWebhook(webhook, webhookSecret, desk);
      webhooks[outcome] = (webhooks[outcome] ?? 0) + 1;
      return status;
    },
  });
  const engine = createEngine({
    tasks: { refuse: () => undefined, run: (call) => threads.inTask(call, () => run(call)) },
    clock,
    random: seededRandom(seed),
  });

  async function run(call: TaskCall): Promise<string> {
    const { payload } = lambdaInvocation(call.input);
    const { request } = JSON.parse(payload) as { readonly request: ModelRequest };
    for (const { key } of pursesOf(request, {}, now())) purses.add(key);
    try {
      const submitted = await submitJob(JSON.parse(payload), desk);
      return lambdaInvokeResult(JSON.stringify(submitted), 'soak');
    } catch (error) {
      throw lambdaFailure(error);
    }
  }

  /** As the deployed function does: once a minute. */
  function sweepEachMinute(): void {
    clock.setTimer(60_000, () => {
      if (isOver) return;
      threads.start(async () => {
        for (const id of await rows.jobs.due(now())) threads.start(() => sweepJobs([id], desk));
      });
      sweepEachMinute();
    });
  }

  let isOver = false;
  const usual = { fetch: globalThis.fetch, warn: console.warn };
  globalThis.fetch = provider.fetch;
  // Webhooks that come again and calls that cannot be looked after now are what is soaked.
  console.warn = () => undefined;
  try {
    sweepEachMinute();
    const told = await tally(
      name,
      calls,
      { ledger, hits, table, purses, clock },
      async (index, input) =>
        engine.start(await soakMachine('background'), { name: `run-${index}`, input }),
    );
    return { ...told, webhooks, left: rows.open, rowsLost: rows.lost.size };
  } finally {
    isOver = true;
    Object.assign(globalThis, { fetch: usual.fetch });
    console.warn = usual.warn;
  }
}

/** Step Functions' side of the tokens; each answer takes its time on the way there and back. */
export function answersTo(
  engine: () => Engine,
  pause: (milliseconds: number) => Promise<void>,
): TokenAnswers {
  const taken = async (answer: (engine: Engine) => void): Promise<boolean> => {
    await pause(15);
    try {
      answer(engine());
      return true;
    } catch (error) {
      if (error instanceof TaskTokenRefused) return false;
      throw error;
    } finally {
      await pause(15);
    }
  };
  return {
    succeed: (token, output: Json) =>
      taken((to) => to.sendTaskSuccess(token, JSON.stringify(output))),
    fail: (token, error, cause) => taken((to) => to.sendTaskFailure(token, error, cause)),
    heartbeat: (token) => taken((to) => to.sendTaskHeartbeat(token)),
  };
}
