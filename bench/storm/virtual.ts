import { z } from 'zod';
import { substitute } from '../../lib/asl/document.ts';
import { VirtualClock } from '../../lib/engine/clock/virtual-clock.ts';
import { createEngine } from '../../lib/engine/engine.ts';
import { loadMachine, type Machine } from '../../lib/engine/machine.ts';
import type { TaskPort } from '../../lib/engine/task/task-port.ts';
import { compileWorkflow, each, model, sleep, workflow } from '../../lib/index.ts';
import { ModelError } from '../../lib/model/errors.ts';
import { limitedCall } from '../../lib/model/limiter/limited-call.ts';
import { Limiter } from '../../lib/model/limiter/limiter.ts';
import type { Limits } from '../../lib/model/limiter/limits.ts';
import { memoryTable } from '../../lib/model/limiter/memory-table.ts';
import type { Change, LimiterTable } from '../../lib/model/limiter/table.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import type { ModelRequest } from '../../lib/model/request.ts';
import type { ModelResult } from '../../lib/model/result.ts';
import { lambdaFailure } from '../../lib/testing/lambda-failure.ts';
import { seededRandom } from '../../lib/testing/seeded-random.ts';
import { type BucketLimits, TokenBucket } from '../../lib/testing/token-bucket.ts';

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
  /** How many times as many tokens the calls of each run use. Default: 1. */
  readonly sizes?: readonly number[];
  /** Default: 300; a call uses 80 to 480 tokens, input included. */
  readonly maxOutputTokens?: number;
  /** The provider's limits from so many seconds on. Default: they stay as they are. */
  readonly change?: { readonly after: number; readonly provider: BucketLimits };
  /** The first calls come spread over so many seconds, as functions start. Default 0: all at once. */
  readonly spread?: number;
  /** Numbers, from 1, of requests that are refused though nothing is used up. Default: none. */
  readonly stray?: readonly number[];
  /** Where the limiter keeps its row. Default: in memory. */
  readonly table?: LimiterTable;
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
  /** Updates of the limiter's row, and its size after the last, in bytes as JSON. */
  readonly updates: number;
  readonly rowBytes: number;
  /** For each run, the seconds at which its branches were answered, in order. */
  readonly answered: readonly (readonly number[])[];
}

export const usual: BucketLimits = { requestsPerMinute: 600, tokensPerMinute: 200_000 };
const start = Date.UTC(2026, 0, 1);

/**
 * The storm: a fan-out of a thousand model calls at once against a provider with 600 requests and
 * 200,000 tokens a minute that answers 429 with Retry-After. Compiled documents, run by the engine on a
 * virtual clock.
 */
export async function storm(options: StormOptions): Promise<StormResult> {
  const { runs = [1_000], provider: bucketLimits = usual, seed = 1, spread = 0 } = options;
  const clock = new VirtualClock({ now: start });
  const bucket = bucketOf(options, () => clock.now());
  const table = measured(options.table ?? memoryTable());
  const meter = { asked: 0, refused: 0, tokens: 0 };
  const answered = runs.map((): number[] => []);
  const seconds = () => (clock.now() - start) / 1000;
  const random = seededRandom(seed);
  const limiter =
    options.strategy === 'limiter' ? new Limiter(table, { now: () => clock.now(), random }) : null;
  const tasks: TaskPort = {
    refuse: () => undefined,
    async run(call) {
      const request = JSON.parse(call.input) as ModelRequest;
      const [run = 0, branch = 0] = (request.prompt ?? '').split(' ').slice(0, 2).map(Number);
      const own = seededRandom(seed * 1_000_003 + run * 10_007 + branch);
      const tokens = Math.floor((80 + Math.floor(own() * 400)) * (options.sizes?.[run] ?? 1));
      const latency = 500 + Math.floor(own() * 2_500);
      const isFirst = !request.turn?.waits;
      if (spread > 0) await call.sleep(isFirst ? own() * spread * 1000 : 10 + random() * 50);
      try {
        const provider = providerNamed('openai');
        const by = { limiter, provider, baseURL: 'stand-in', random, now: () => clock.now() };
        const result = await limitedCall(request, by, async () => {
          meter.asked += 1;
          const wait = options.stray?.includes(meter.asked) ? 1 : bucket(tokens);
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
    updates: table.meter.updates,
    rowBytes: table.meter.rowBytes,
    answered,
  };
}

/** What the provider's buckets answer to a request of so many tokens. */
function bucketOf({ provider = usual, change }: StormOptions, now: () => number) {
  const before = new TokenBucket(provider, now);
  const after = change && new TokenBucket(change.provider, now);
  return (tokens: number): number | null =>
    (after && now() >= start + change.after * 1000 ? after : before).take(tokens);
}

function measured(table: LimiterTable) {
  const meter = { updates: 0, rowBytes: 0 };
  return {
    meter,
    async change(key: string, change: Change) {
      const changed = await table.change(key, change);
      meter.updates += 1;
      meter.rowBytes = JSON.stringify(changed.row).length;
      return changed;
    },
  };
}

/** The workflow of a storm, compiled as users' workflows are. */
async function stormMachine(
  run: number,
  branches: number,
  {
    strategy,
    limits,
    provider = usual,
    maxOutputTokens = 300,
    after = [],
    sizes = [],
  }: StormOptions,
): Promise<{ readonly machine: Machine; readonly input: string }> {
  const { requestsPerMinute, tokensPerMinute } = provider;
  const ask = model({
    model: 'openai:m',
    maxOutputTokens: Math.ceil(maxOutputTokens * (sizes[run] ?? 1)),
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
export function leastSeconds(requests: number, tokens: number, limits: BucketLimits): number {
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
