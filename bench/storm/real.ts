import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { compileWorkflow, each, model, workflow } from '../../lib/index.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import { type BucketLimits, startProvider } from '../../lib/testing/index.ts';
import { leastSeconds } from './virtual.ts';

export interface RealStormOptions {
  readonly branches: number;
  /** What the provider allows. */
  readonly provider: BucketLimits;
  /** Whether the limiter is told that. Default: true. */
  readonly isKnown?: boolean;
  /** Of the provider's answers, in milliseconds. Default: 300. */
  readonly latency?: number;
}

export interface RealStormResult {
  readonly status: string;
  /** Calls that reached the provider, and those of them that it refused. */
  readonly asked: number;
  readonly refused: number;
  /** Seconds from the run's start to its end, and the least that the provider's buckets allow. */
  readonly makespan: number;
  readonly limit: number;
}

/**
 * A storm in real time: the local runner, its function threads, and HTTP to a stand-in on 127.0.0.1
 * with true token buckets.
 */
export async function realStorm({
  branches,
  provider: limits,
  isKnown = true,
  latency = 300,
}: RealStormOptions): Promise<RealStormResult> {
  const provider = await startProvider({ limits, latency });
  const root = mkdtempSync(path.join(tmpdir(), 'storm-'));
  const { requestsPerMinute, tokensPerMinute } = limits;
  const ask = model({
    model: 'openai:m',
    maxOutputTokens: 50,
    ...(isKnown ? { limits: { requestsPerMinute, tokensPerMinute } } : {}),
  });
  const input = z.object({ items: z.array(z.number()) });
  const flow = await workflow('storm', { input }, async ({ items }) =>
    each(items, (item) => ask({ prompt: `Say ${item}.` }), { concurrency: branches }),
  );
  const runner = createLocalRunner({
    workflows: [compileWorkflow(flow)],
    root,
    environment: { OPENAI_BASE_URL: provider.baseURL },
  });
  try {
    const items = Array.from({ length: branches }, (_, item) => item);
    const { id } = await runner.start('storm', { items });
    for await (const _ of runner.events('storm', id));
    const run = await runner.get('storm', id);
    const ended = run.status === 'RUNNING' ? Date.now() : Date.parse(run.stoppedAt);
    return {
      status: run.status,
      asked: provider.meter.requests,
      refused: provider.meter.refused,
      makespan: (ended - Date.parse(run.startedAt)) / 1000,
      limit: leastSeconds(branches, provider.meter.tokens, limits),
    };
  } finally {
    await runner.close();
    await provider.close();
    rmSync(root, { recursive: true, force: true });
  }
}
