import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { compileWorkflow } from '../../lib/asl/compile.ts';
import { type Budget, gather, model, workflow } from '../../lib/index.ts';
import { createLocalRunner, type LocalRunner } from '../../lib/local/local-runner.ts';
import type { Run } from '../../lib/run/run.ts';
import { startProvider, type TestProvider } from '../../lib/testing/index.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

const ask = model({ model: 'openai:gpt-5-mini', maxOutputTokens: 200 });

async function twelve(budget?: Budget) {
  const flow = await workflow(
    'twelve',
    { input: z.object({}), ...(budget && { budget }) },
    async () =>
      gather(
        Array.from({ length: 12 }, (_, index) => ask({ prompt: `Say ${index}.` })),
        { returnExceptions: true },
      ),
  );
  return compileWorkflow(flow);
}

type Compiled = Awaited<ReturnType<typeof twelve>>;

function open(
  compiled: Compiled,
  folder: string,
  environment: Record<string, string>,
): LocalRunner {
  const runner = createLocalRunner({ workflows: [compiled], folder, environment });
  onTestFinished(() => runner.close());
  return runner;
}

async function ended(runner: LocalRunner): Promise<Run> {
  const { workflow: name, id } = await runner.start('twelve', {});
  for await (const _ of runner.events(name, id));
  return runner.get(name, id);
}

function refusals(run: Run): number {
  return run.steps.filter(({ error }) => error?.name === 'Budget.Exceeded').length;
}

function rows(folder: string): Record<string, Record<string, number>> {
  const database = new DatabaseSync(path.join(folder, 'budgets.sqlite'), { readOnly: true });
  onTestFinished(() => database.close());
  const all = database.prepare('SELECT key, row FROM budgets').all();
  return Object.fromEntries(all.map(({ key, row }) => [String(key), JSON.parse(String(row))]));
}

async function provider(): Promise<TestProvider> {
  const server = await startProvider({ latency: 300 });
  onTestFinished(() => server.close());
  return server;
}

test('a run keeps to its budget against the stand-in, and says what it has spent', async () => {
  const folder = temporaryFolder();
  const run = await ended(open(await twelve({ tokens: 1_000 }), folder, {}));
  expect(run.status).toBe('SUCCEEDED');
  const refused = refusals(run);
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(12);
  expect(run.usage.totalTokens).toBeLessThanOrEqual(1_000);
  expect(rows(folder)[`budget:run:twelve/${run.id}`]).toMatchObject({
    tokens: run.usage.totalTokens,
    tokens_held: 0,
  });
});

test('a day has one budget for all runs, also of later processes, to the token', async () => {
  const folder = temporaryFolder();
  const server = await provider();
  const environment = { OPENAI_BASE_URL: server.baseURL, CLOUDGATHER_DAY_BUDGET_TOKENS: '1000' };
  const compiled = await twelve();
  const first = await ended(open(compiled, folder, environment));
  const second = await ended(open(compiled, folder, environment));
  expect(refusals(first) + refusals(second)).toBeGreaterThan(0);
  expect(first.usage.totalTokens + second.usage.totalTokens).toBe(server.meter.tokens);
  expect(server.meter.tokens).toBeLessThanOrEqual(1_000);
  const [day] = Object.entries(rows(folder));
  expect(day?.[0]).toMatch(/^budget:day:\d{4}-\d\d-\d\d$/);
  expect(day?.[1]).toMatchObject({ tokens: server.meter.tokens, tokens_held: 0 });
});

test('a run without a budget makes no file for budgets', async () => {
  const folder = temporaryFolder();
  const run = await ended(open(await twelve(), folder, {}));
  expect(refusals(run)).toBe(0);
  expect(() => rows(folder)).toThrow();
});

test('fails to start where the budget of the day is no number', async () => {
  const compiled = await twelve();
  expect(() => open(compiled, temporaryFolder(), { CLOUDGATHER_DAY_BUDGET_USD: 'much' })).toThrow(
    /The budget of the day \(CLOUDGATHER_DAY_BUDGET_USD, .*\) must have as usd a number/,
  );
});
