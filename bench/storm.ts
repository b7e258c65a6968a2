import { z } from 'zod';
import { substitute } from '../lib/asl/document.ts';
import { VirtualClock } from '../lib/engine/clock/virtual-clock.ts';
import { createEngine } from '../lib/engine/engine.ts';
import { loadMachine, type Machine } from '../lib/engine/machine.ts';
import type { TaskPort } from '../lib/engine/task/task-port.ts';
import { compileWorkflow, each, model, sleep, workflow } from '../lib/index.ts';
import { ModelError } from '../lib/model/errors.ts';
import { limitedCall } from '../lib/model/limiter/limited-call.ts';
import { Limiter } from '../lib/model/limiter/limiter.ts';
import type { Limits } from '../lib/model/limiter/limits.ts';
import { memoryTable } from '../lib/model/limiter/memory-table.ts';
import { providerNamed } from '../lib/model/providers.ts';
import type { ModelRequest } from '../lib/model/request.ts';
import type { ModelResult } from '../lib/model/result.ts';
import { lambdaFailure } from '../lib/testing/lambda-failure.ts';
import { seededRandom } from '../lib/testing/seeded-random.ts';
import { type BucketLimits, TokenBucket } from '../lib/testing/token-bucket.ts';

/**
 * The storm: a fan-out of a thousand model calls at once against a provider with 600 requests and
 * 200,000 tokens a minute that answers 429 with Retry-After. Compiled documents, run by the engine on a
 * virtual clock. Run: `npx node bench/storm.ts [branches] [seed]`.
 */
export type Strategy = 'limiter' | 'retry with jitter' | 'concurrency limit';

export interface StormOptions {
  readonly strategy: Strategy;
  /** Branches of each run. Default: one run of 1,000. */
  readonly runs?: readonly number[];
  /** Seconds after which each run begins. Default: 0. */
  readonly after?: readonly number[];
  readonly provider?: BucketLimits;
  /** What the limiter is told. Default: the provider's limits. */
  readonly limits?: Limits;
  /** Default: 300; a call uses 80 to 480 tokens, input included. */
  readonly maxOutputTokens?: number;
  readonly seed?: number;
}

export interface StormResult {
  readonly failed: number;
  /** Calls that reached the provider, and those of them that it refused. */
  readonly asked: number;
  readonly refused: number;
  /** Seconds on the virtual clock from the start to the end of the last run. */
  readonly makespan: number;
  /** The least that the provider's buckets allow for these tokens, in seconds. */
  readonly limit: number;
  readonly transitions: number;
  /** For each run, the seconds at which its branches were answered, in order. */
  readonly answered: readonly (readonly number[])[];
}

const usual: BucketLimits = { requestsPerMinute: 600, tokensPerMinute: 200_000 };
const start = Date.UTC(2026, 0, 1);

export async function storm(options: StormOptions): Promise<StormResult> {
  const { runs = [1_000], provider: bucketLimits = usual, seed = 1 } = options;
  const clock = new VirtualClock({ now: start });
  const bucket = new TokenBucket(bucketLimits, () => clock.now());
  const meter = { asked: 0, refused: 0, tokens: 0 };
  const answered = runs.map((): number[] => []);
  const seconds = () => (clock.now() - start) / 1000;
  const random = seededRandom(seed);
  const limiter =
    options.strategy === 'limiter'
      ? new Limiter(memoryTable(), { now: () => clock.now(), random })
      : null;
  const tasks: TaskPort = {
    refuse: () => undefined,
    async run(call) {
      const request = JSON.parse(call.input) as ModelRequest;
      const [run = 0, branch = 0] = (request.prompt ?? '').split(' ').slice(0, 2).map(Number);
      const own = seededRandom(seed * 1_000_003 + run * 10_007 + branch);
      const tokens = 80 + Math.floor(own() * 400);
      const latency = 500 + Math.floor(own() * 2_500);
      try {
        const provider = providerNamed('openai');
        const by = { limiter, provider, baseURL: 'stand-in', random, now: () => clock.now() };
        const result = await limitedCall(request, by, async () => {
          meter.asked += 1;
          const wait = bucket.take(tokens);
          if (wait !== null) {
            meter.refused += 1;
            await call.sleep(50);
            throw refusal(wait);
          }
          meter.tokens += tokens;
          await call.sleep(latency);
          return resultOf(tokens, latency);
        });
        answered[run]?.push(seconds());
        return JSON.stringify(result);
      } catch (error) {
        throw lambdaFailure(error);
      }
    },
  };
  let transitions = 0;
  const engine = createEngine({
    tasks,
    clock,
    random: seededRandom(seed),
    onEvent: ({ type }) => {
      if (type.endsWith('StateEntered')) transitions += 1;
      // Step Functions bills each retry as a transition: a call beyond the first of its state.
      if (type === 'LambdaFunctionScheduled') transitions += 1;
      if (type === 'TaskStateEntered') transitions -= 1;
    },
  });
  const executions = [];
  for (const [run, branches] of runs.entries()) {
    const { machine, input } = await stormMachine(run, branches, options);
    executions.push(engine.start(machine, { name: `run-${run}`, input }));
  }
  const outcomes = await Promise.all(executions.map(({ done }) => done));
  const branches = runs.reduce((sum, each) => sum + each, 0);
  const lost = outcomes.filter(({ status }) => status !== 'SUCCEEDED').length;
  return {
    failed: lost > 0 ? branches - answered.flat().length : 0,
    asked: meter.asked,
    refused: meter.refused,
    makespan: seconds(),
    limit: leastSeconds(branches, meter.tokens, bucketLimits),
    transitions,
    answered,
  };
}

/** The workflow of a storm, compiled as users' workflows are. */
async function stormMachine(
  run: number,
  branches: number,
  { strategy, limits, provider = usual, maxOutputTokens = 300, after = [] }: StormOptions,
): Promise<{ readonly machine: Machine; readonly input: string }> {
  const { requestsPerMinute, tokensPerMinute } = provider;
  const ask = model({
    model: 'openai:m',
    maxOutputTokens,
    limits: limits ?? { requestsPerMinute, tokensPerMinute },
  });
  const text = `please, say something about it. ${'x'.repeat(200)}`;
  const retry = { on: ['Model.RateLimited'], intervalSeconds: 2, maxAttempts: 12 };
  const input = z.object({ items: z.array(z.number()) });
  const concurrency = strategy === 'concurrency limit' ? 40 : branches;
  const flow = await workflow('storm', { input }, async ({ items }) => {
    const seconds = after[run] ?? 0;
    if (seconds > 0) await sleep(seconds);
    return each(
      items,
      (item) => {
        const step = ask({ prompt: `${run} ${item} ${text}` });
        return strategy === 'limiter' ? step : step.retry(retry);
      },
      { concurrency, distributed: true },
    );
  });
  const { definition, functions } = compileWorkflow(flow);
  const arns = functions.map(({ placeholder, name }) => [
    placeholder,
    `arn:aws:lambda:us-east-1:123456789012:function:${name}:live`,
  ]);
  const machine = loadMachine(substitute(definition, Object.fromEntries(arns)), {
    maxBytes: 100_000_000,
  });
  return {
    machine,
    input: JSON.stringify({ items: Array.from({ length: branches }, (_, item) => item) }),
  };
}

/** What is over the full buckets comes at their rate: no client can be faster. */
function leastSeconds(requests: number, tokens: number, limits: BucketLimits): number {
  const burst = limits.burstSeconds ?? 60;
  const beyond = (amount: number, perMinute: number) =>
    Math.max(0, amount / (perMinute / 60) - burst);
  return Math.max(
    beyond(requests, limits.requestsPerMinute),
    beyond(tokens, limits.tokensPerMinute),
  );
}

function refusal(retryAfter: number): ModelError {
  return new ModelError('Model.RateLimited', `Refused. Retry after ${retryAfter} seconds.`, {
    provider: 'openai',
    model: 'm',
    status: 429,
    retryAfter,
  });
}

function resultOf(tokens: number, latency: number): ModelResult {
  const inputTokens = Math.min(60, tokens);
  return {
    object: 'model.result',
    output: 'ok',
    toolCalls: [],
    usage: {
      inputTokens,
      outputTokens: tokens - inputTokens,
      totalTokens: tokens,
      cachedInputTokens: 0,
      reasoningTokens: 0,
    },
    price: null,
    model: 'm',
    provider: 'openai',
    finishReason: 'stop',
    requestId: null,
    attempts: 1,
    latency,
  };
}

if (import.meta.main) {
  const branches = Number(process.argv[2] ?? 1_000);
  const seed = Number(process.argv[3] ?? 1);
  const table: Record<string, Record<string, string | number>> = {};
  const rows: readonly (readonly [string, StormOptions])[] = [
    ['limiter', { strategy: 'limiter' }],
    ['limiter, no limit known', { strategy: 'limiter', limits: {} }],
    ['retry with jitter', { strategy: 'retry with jitter' }],
    ['concurrency limit', { strategy: 'concurrency limit' }],
  ];
  for (const [name, options] of rows) {
    const result = await storm({ ...options, runs: [branches], seed });
    table[name] = {
      'failed branches': result.failed,
      'asked the provider': result.asked,
      'refused %': Number(((100 * result.refused) / result.asked).toFixed(1)),
      'makespan s': Number(result.makespan.toFixed(1)),
      'times the limit': Number((result.makespan / result.limit).toFixed(2)),
      'transitions a branch': Number((result.transitions / branches).toFixed(1)),
    };
  }
  console.log(`${branches} branches; 600 requests and 200,000 tokens a minute; virtual clock`);
  console.table(table);
  const half = Math.floor(branches / 2);
  const { answered, makespan, limit } = await storm({
    strategy: 'limiter',
    runs: [half, half],
    seed,
  });
  const ends = answered.map((times) => Math.max(...times).toFixed(1));
  console.log(
    `two runs of ${half} at once, with the limiter: they end after ${ends.join(' and ')} s; ${(makespan / limit).toFixed(2)} times the limit`,
  );
}
