import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { compileWorkflow, gather, model, workflow } from '../../../lib/index.ts';
import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { startProvider } from '../../../lib/testing/index.ts';

const limits = { requestsPerMinute: 120, tokensPerMinute: 1_000_000, burstSeconds: 10 };
const ask = model({ model: 'openai:m', limits: { requestsPerMinute: 120 } });
const names = Array.from({ length: 26 }, (_, index) => `n${index}`);

test('functions in several threads share one limit, and a refused call waits and comes back', async () => {
  const provider = await startProvider({ limits, faults: { 429: 0.1 }, retryAfter: 2 });
  const folder = mkdtempSync(join(tmpdir(), 'limits-'));
  const flow = await workflow('many', { input: z.object({}) }, async () =>
    gather(names.map((name) => ask({ prompt: name }))),
  );
  const runner = createLocalRunner({
    workflows: [compileWorkflow(flow)],
    root: folder,
    environment: { OPENAI_BASE_URL: provider.baseURL },
  });
  onTestFinished(async () => {
    await runner.close();
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const started = await runner.start('many', {});
  for await (const _ of runner.events('many', started.id));
  const run = await runner.get('many', started.id);
  expect(run.status).toBe('SUCCEEDED');
  expect(run.usage.totalTokens).toBe(provider.meter.tokens);
  const deferred = run.steps.filter(({ deferrals = 0 }) => deferrals > 0);
  expect(deferred.length).toBeGreaterThan(0);
  expect(run.steps.filter(({ error }) => error !== null)).toEqual([]);
}, 60_000);
