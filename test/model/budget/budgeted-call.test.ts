import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serveTable } from '../../../lib/local/limiter/serve-table.ts';
import { storedTable } from '../../../lib/local/limiter/stored-table.ts';
import { type Budgets, budgetedCall } from '../../../lib/model/budget/budgeted-call.ts';
import { pursesOf } from '../../../lib/model/budget/budgets-in-force.ts';
import { mostCost } from '../../../lib/model/budget/cost.ts';
import { ModelError } from '../../../lib/model/errors.ts';
import { channelTable } from '../../../lib/model/limiter/channel-table.ts';
import { memoryTable } from '../../../lib/model/limiter/memory-table.ts';
import { type LimiterTable, TableBusy } from '../../../lib/model/limiter/table.ts';
import { priceOf } from '../../../lib/model/prices.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';
import type { Spend } from '../../../lib/model/spend.ts';
import { temporaryFolder } from '../../local/store/temporary-folder.ts';
import { dynaliteTable } from '../limiter/dynalite-table.ts';

const request: ModelRequest = { model: 'gpt-5-mini', prompt: 'Hello', maxOutputTokens: 100 };
const most = mostCost(request, 'openai');
const nanosPerToken = { input: 250, output: 2_000 };

function spendOf(inputTokens: number, outputTokens: number): Spend {
  const usage = {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    cachedInputTokens: 0,
    reasoningTokens: 0,
  };
  return { usage, price: priceOf('openai', 'gpt-5-mini', usage) };
}

/** An answer that uses all that was reserved. */
const whole = spendOf(most.tokens - 100, 100);

function budgetsOf(
  table: LimiterTable | null,
  budget: { usd?: number; tokens?: number } | undefined,
  day: Record<string, string> = {},
): Budgets {
  const own = budget && { ...budget, run: 'panel/one' };
  return {
    purses: pursesOf({ budget: own }, day, Date.UTC(2026, 10, 22)),
    provider: 'openai',
    table,
  };
}

/** Makes a call that is answered so, after all others have had their turn to begin. */
function answered(budgets: Budgets, spend: Spend | null = whole): Promise<string> {
  return budgetedCall(request, budgets, async (bounded, account) => {
    await account?.reserve(bounded);
    await new Promise((resolve) => setTimeout(resolve, 5));
    account?.answered(spend);
    return 'paid';
  });
}

async function rowOf(table: LimiterTable, key = 'budget:run:panel/one') {
  const never = [{ name: 'never', is: '=', value: 1 } as const];
  const { row } = await table.change(key, { when: never, add: { never: 1 } });
  return row;
}

async function inDynamo(): Promise<LimiterTable> {
  const { table, close } = await dynaliteTable();
  onTestFinished(close);
  return table;
}

async function inAnotherThread(): Promise<LimiterTable> {
  const served = serveTable(memoryTable());
  onTestFinished(served.close);
  return channelTable(served.channel);
}

async function inAFile(): Promise<LimiterTable> {
  const table = storedTable(temporaryFolder());
  onTestFinished(() => table.close());
  return table;
}

describe.each([
  ['in this process', async () => memoryTable()],
  ['of another thread', inAnotherThread],
  ['in a file', inAFile],
  ['in DynamoDB', inDynamo],
])('a budget kept %s', (_, make) => {
  test.each([
    ['tokens', { tokens: 37 * most.tokens + most.tokens - 1 }],
    ['US dollars', { usd: (37 * (most.nanos ?? 0) + (most.nanos ?? 0) - 1) / 1e9 }],
  ])('in %s with room for 37 of 100 calls at once pays 37, to the token', async (_, budget) => {
    const table = await make();
    const budgets = budgetsOf(table, budget);
    const ends = await Promise.allSettled(Array.from({ length: 100 }, () => answered(budgets)));
    const refused = ends.filter((end) => end.status === 'rejected');
    expect(refused).toHaveLength(63);
    for (const { reason } of refused) expect(reason).toMatchObject({ name: 'Budget.Exceeded' });
    const row = await rowOf(table);
    expect(row.tokens ?? 37 * most.tokens).toBe(37 * most.tokens);
    expect(row.usd ?? 37 * (most.nanos ?? 0)).toBe(37 * (most.nanos ?? 0));
    expect(row.tokens_held ?? row.usd_held).toBe(0);
    expect(row.expires).toBe(Date.UTC(2026, 10, 22) / 1000 + 400 * 86_400);
  });

  test('settles what a call did use, so that more calls fit than were reserved for', async () => {
    const table = await make();
    const budgets = budgetsOf(table, { tokens: 3 * most.tokens });
    const small = spendOf(3, 4);
    for (let call = 0; call < 20; call++) await answered(budgets, small);
    expect(await rowOf(table)).toMatchObject({ tokens: 140, tokens_held: 0 });
  });
});

describe('two processes that share a budget', () => {
  const script = fileURLToPath(new URL('spender.ts', import.meta.url));

  /** Each makes 100 calls at once; gives how many were paid. */
  async function spend(table: Readonly<Record<string, string>>): Promise<number> {
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: {
        ...process.env,
        ...table,
        NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
        REQUEST: JSON.stringify(request),
        BUDGET: JSON.stringify({ tokens: 37 * most.tokens + 5, run: 'panel/one' }),
      },
    });
    return Number(stdout);
  }

  test('pay together what fits, in DynamoDB', async () => {
    const { table, name, environment, close } = await dynaliteTable();
    onTestFinished(close);
    const shared = { ...environment, TABLE: name };
    const paid = await Promise.all([spend(shared), spend(shared)]);
    expect((paid[0] ?? 0) + (paid[1] ?? 0)).toBe(37);
    expect(await rowOf(table)).toMatchObject({ tokens: 37 * most.tokens, tokens_held: 0 });
  });

  test('pay together what fits, in a file', async () => {
    const folder = temporaryFolder();
    const paid = await Promise.all([spend({ FOLDER: folder }), spend({ FOLDER: folder })]);
    expect((paid[0] ?? 0) + (paid[1] ?? 0)).toBe(37);
    const table = storedTable(folder);
    onTestFinished(() => table.close());
    expect(await rowOf(table)).toMatchObject({ tokens: 37 * most.tokens, tokens_held: 0 });
  });
});

describe('a call within its budget', () => {
  test('says what is spent, what is reserved and what it may cost, and nothing of the prompt', async () => {
    const table = memoryTable();
    const budgets = budgetsOf(table, { usd: 0.0005 });
    await answered(budgets, spendOf(10, 50));
    const first = answered(budgets);
    const second = budgetedCall({ ...request, prompt: 'CANARY' }, budgets, (bounded, account) =>
      Promise.resolve(account?.reserve(bounded)),
    );
    const error = await second.catch((thrown: unknown) => thrown);
    await first;
    expect(error).toMatchObject({ name: 'Budget.Exceeded' });
    expect(String((error as Error).message)).toBe(
      "openai:gpt-5-mini was not called. The run's budget is 0.0005 USD: spent 0.0001025 USD, reserved for calls under way 0.00020575 USD. This call may cost 0.000206 USD. Lower its maxOutputTokens, shorten its input, or raise the budget of the workflow.",
    );
  });

  test('is held to 8,192 output tokens where it sets no limit', async () => {
    const { maxOutputTokens: _, ...open } = request;
    const budgets = budgetsOf(memoryTable(), { tokens: 10_000 });
    const seen = await budgetedCall(open, budgets, async (bounded) => bounded.maxOutputTokens);
    expect(seen).toBe(8_192);
    expect(await budgetedCall(open, { ...budgets, purses: [] }, async (own) => own)).toBe(open);
  });

  test('keeps the reservation of an attempt whose usage nobody knows, and says so', async () => {
    const table = memoryTable();
    const budgets = budgetsOf(table, { tokens: 1_000 });
    const details = { provider: 'openai', model: 'gpt-5-mini' };
    const call = budgetedCall(request, budgets, async (bounded, account) => {
      await account?.reserve(bounded);
      throw new ModelError('Model.Timeout', 'It took too long.', details);
    });
    await expect(call).rejects.toMatchObject({
      name: 'Model.Timeout',
      message: `It took too long. What the unanswered attempt used is not known: ${most.tokens} tokens counts as spent.`,
    });
    expect(await rowOf(table)).toMatchObject({ tokens: most.tokens, tokens_held: 0 });
    await answered(budgets, null);
    expect(await rowOf(table)).toMatchObject({ tokens: 2 * most.tokens, tokens_held: 0 });
  });

  test.each([
    ['Model.RateLimited', 429],
    ['Model.Rejected', 400],
    ['Model.Overloaded', 503],
  ] as const)('gives back all where the provider refuses it (%s)', async (name, status) => {
    const table = memoryTable();
    const details = { provider: 'openai', model: 'gpt-5-mini', status };
    const call = budgetedCall(
      request,
      budgetsOf(table, { tokens: 1_000 }),
      async (bounded, account) => {
        await account?.reserve(bounded);
        throw new ModelError(name, 'No.', details);
      },
    );
    await expect(call).rejects.toMatchObject({ name, message: 'No.' });
    expect(await rowOf(table)).toMatchObject({ tokens: 0, tokens_held: 0 });
  });

  test('reserves anew for each repair, and fails with what was spent where none is left', async () => {
    const table = memoryTable();
    const budgets = budgetsOf(table, { tokens: most.tokens + 50 });
    const call = budgetedCall(request, budgets, async (bounded, account) => {
      await account?.reserve(bounded);
      account?.answered(spendOf(5, 95));
      await account?.reserve(bounded);
    });
    await expect(call).rejects.toMatchObject({ name: 'Budget.Exceeded' });
    expect(await rowOf(table)).toMatchObject({ tokens: 100, tokens_held: 0 });
  });

  test("takes nothing from the run's budget where the day's has nothing left", async () => {
    const table = memoryTable();
    const day = { CLOUDGATHER_DAY_BUDGET_TOKENS: String(most.tokens + 1) };
    const budgets = budgetsOf(table, { tokens: 100_000 }, day);
    expect(await answered(budgets)).toBe('paid');
    await expect(answered(budgets)).rejects.toMatchObject({
      name: 'Budget.Exceeded',
      message: expect.stringContaining("The deployment's budget of 2026-11-22 (UTC) is"),
    });
    expect(await rowOf(table)).toMatchObject({ tokens: most.tokens, tokens_held: 0 });
    expect(await rowOf(table, 'budget:day:2026-11-22')).toMatchObject({ tokens: most.tokens });
  });

  test('fails as Model.Rejected where the price is not known, and names the way out', async () => {
    const budgets = { ...budgetsOf(memoryTable(), { usd: 1 }), provider: 'mycorp' };
    await expect(answered(budgets)).rejects.toMatchObject({
      name: 'Model.Rejected',
      message: expect.stringMatching(/price is not known.*inputPerMillion.*budget in tokens/),
    });
    const price = { inputPerMillion: 1, outputPerMillion: 2 };
    const priced = budgetedCall({ ...request, price }, budgets, async (bounded, account) => {
      await account?.reserve(bounded);
      return 'made';
    });
    expect(await priced).toBe('made');
  });

  test('fails as Model.Unavailable where the table cannot be reached: it is not made unlimited', async () => {
    const table: LimiterTable = { change: () => Promise.reject(new Error('no way')) };
    await expect(answered(budgetsOf(table, { tokens: 1_000 }))).rejects.toMatchObject({
      name: 'Model.Unavailable',
    });
  });

  test('asks a busy table again', async () => {
    const memory = memoryTable();
    let busy = 3;
    const table: LimiterTable = {
      change: (key, change) =>
        busy-- > 0 ? Promise.reject(new TableBusy('wait')) : memory.change(key, change),
    };
    expect(await answered(budgetsOf(table, { tokens: 1_000 }))).toBe('paid');
    expect(await rowOf(memory)).toMatchObject({ tokens: most.tokens, tokens_held: 0 });
  });
});

test('a reservation covers what the price list asks', () => {
  const input = most.tokens - 100;
  expect(most.nanos).toBe(input * nanosPerToken.input + 100 * nanosPerToken.output);
});

test('a reservation covers texts of few bytes for a token', () => {
  const chinese = mostCost({ model: 'gpt-5-mini', prompt: '你好世界'.repeat(100) }, 'openai');
  expect(chinese.tokens - 8_192).toBeGreaterThan(400);
});
