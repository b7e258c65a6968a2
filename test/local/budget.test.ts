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

test.each([1, 2])(
  'a run tells of its budget what the table has, unanswered calls included, seed %i',
  async (seed) => {
    const folder = temporaryFolder();
    const faults = { reset: 0.2, 'half a body': 0.2, '500': 0.2 };
    const server = await startProvider({ seed, faults });
    onTestFinished(() => server.close());
    const compiled = await twelve({ tokens: 100_000, usd: 0.5 });
    const runner = open(compiled, folder, { OPENAI_BASE_URL: server.baseURL });
    const run = await ended(runner);
    const row = rows(folder)[`budget:run:twelve/${run.id}`]!;
    expect(Object.keys(server.meter.faults).length).toBeGreaterThan(1);
    // It could fail: more counts as spent than answers are known to have used.
    expect(row.tokens).toBeGreaterThan(run.usage.totalTokens);
    expect(run.budget).toEqual({
      tokens: { limit: 100_000, spent: row.tokens, left: 100_000 - row.tokens! },
      usd: { limit: 0.5, spent: expect.closeTo(row.usd! / 1e9, 7), left: expect.any(Number) },
      unsettled: 0,
    });
  },
);

test('a provider that is not there costs a budget nothing', async () => {
  const folder = temporaryFolder();
  const server = await startProvider();
  await server.close();
  const compiled = await twelve({ tokens: 100_000 });
  const run = await ended(open(compiled, folder, { OPENAI_BASE_URL: server.baseURL }));
  const failed = run.steps.filter(({ error }) => error?.name === 'Model.Unavailable');
  expect(failed).toHaveLength(12);
  expect(failed[0]?.error?.cause).not.toContain('counts as spent');
  expect(run.budget).toEqual({
    tokens: { limit: 100_000, spent: 0, left: 100_000 },
    unsettled: 0,
  });
  expect(rows(folder)[`budget:run:twelve/${run.id}`]).toMatchObject({ tokens: 0, tokens_held: 0 });
});

test('a call that is cut off is told as unsettled, beside what the others spent', async () => {
  const server = await startProvider({ latency: 60_000 });
  onTestFinished(() => server.close());
  const runner = open(await twelve({ tokens: 100_000 }), temporaryFolder(), {
    OPENAI_BASE_URL: server.baseURL,
  });
  const { id } = await runner.start('twelve', {});
  await expect.poll(() => server.meter.requests).toBe(12);
  expect((await runner.get('twelve', id)).budget).toMatchObject({ unsettled: 12 });
  const stopped = await runner.stop('twelve', id);
  expect(stopped.budget).toEqual({
    tokens: { limit: 100_000, spent: 0, left: 100_000 },
    unsettled: 12,
  });
});

test('a run without a budget makes no file for budgets', async () => {
  const folder = temporaryFolder();
  const run = await ended(open(await twelve(), folder, {}));
  expect(refusals(run)).toBe(0);
  expect(run).not.toHaveProperty('budget');
  expect(() => rows(folder)).toThrow();
});

test('fails to start where the budget of the day is no number', async () => {
  const compiled = await twelve();
  expect(() => open(compiled, temporaryFolder(), { CLOUDGATHER_DAY_BUDGET_USD: 'much' })).toThrow(
    /The budget of the day \(CLOUDGATHER_DAY_BUDGET_USD, .*\) must have as usd a number/,
  );
});
