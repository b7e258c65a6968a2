import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { handler } from '../../../functions/model-call.ts';
import { serveTable } from '../../../lib/local/limiter/serve-table.ts';
import { ModelError } from '../../../lib/model/errors.ts';
import { limitedCall } from '../../../lib/model/limiter/limited-call.ts';
import { Limiter } from '../../../lib/model/limiter/limiter.ts';
import { memoryTable } from '../../../lib/model/limiter/memory-table.ts';
import type { LimiterTable } from '../../../lib/model/limiter/table.ts';
import { providerNamed } from '../../../lib/model/providers.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';
import { mostWaits, type Turn } from '../../../lib/model/turn.ts';
import { completion, providerServer, sendJson } from '../provider-server.ts';

const provider = providerNamed('openai');
const request: ModelRequest = {
  model: 'm',
  prompt: 'x',
  limits: { requestsPerMinute: 60 },
  turn: { run: 'run-1' },
};

/** The turn in the message, as the document reads it. */
function turnIn(error: unknown): Turn {
  return JSON.parse((error as Error).message.split('Turn: ')[1] ?? 'null') as Turn;
}

function setUp(table: LimiterTable = memoryTable()) {
  const clock = { now: 1_000_000 };
  const limiter = new Limiter(table, { now: () => clock.now });
  const by = { limiter, provider, baseURL: 'http://127.0.0.1/v1' };
  const call = (
    answer: () => Promise<never> | Promise<unknown>,
    more: Partial<ModelRequest> = {},
  ) =>
    limitedCall({ ...request, ...more }, by, answer as () => Promise<never>).catch(
      (error: unknown) => error,
    );
  return { clock, call };
}

const good = async () => ({ usage: { totalTokens: 10 } });
const fault = (name: 'Model.RateLimited' | 'Model.Overloaded', retryAfter: number | null) =>
  new ModelError(name, 'openai:m answered with status 429.', {
    provider: 'openai',
    model: 'm',
    status: 429,
    retryAfter,
  });

describe('a limited call', () => {
  test('is not made when its limit is used up, and says when to come back', async () => {
    const { call, clock } = setUp();
    let calls = 0;
    const counted = async () => {
      calls += 1;
      return good();
    };
    let away: unknown;
    while (!(away instanceof ModelError)) away = await call(counted);
    const made = calls;
    expect(away).toMatchObject({ name: 'Model.Deferred', status: null });
    const turn = turnIn(away);
    expect(turn).toMatchObject({ run: 'run-1', waits: 1, ticket: { epoch: 0 } });
    clock.now += (turn.seconds ?? 0) * 1000;
    expect(await call(counted, { turn })).toMatchObject({ usage: { totalTokens: 10 } });
    expect(calls).toBe(made + 1);
  });

  test('that the provider refuses waits as long as it says, and so does everybody else', async () => {
    const { call } = setUp();
    const refused = await call(() => Promise.reject(fault('Model.RateLimited', 77)));
    expect(refused).toMatchObject({ name: 'Model.Deferred', retryAfter: 77 });
    expect(turnIn(refused)).toEqual({ run: 'run-1', seconds: 77, waits: 1, refusals: 1, place: 0 });
    const other = await call(good, { turn: { run: 'run-2' } });
    expect(turnIn(other).seconds).toBeGreaterThanOrEqual(77);
  });

  test('fails as Model.RateLimited where it cannot wait', async () => {
    const { call } = setUp();
    const { turn: _, ...rest } = request;
    const refuse = () => Promise.reject(fault('Model.RateLimited', 5));
    const error = await limitedCall(
      rest,
      { limiter: new Limiter(memoryTable()), provider, baseURL: 'x' },
      refuse,
    ).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'Model.RateLimited', retryAfter: 5 });
    expect(await call(refuse, { turn: { run: 'r', refusals: 50 } })).toMatchObject({
      name: 'Model.RateLimited',
    });
  });

  test('is not given up for having stood in line while others were refused', async () => {
    const { call } = setUp();
    await call(() => Promise.reject(fault('Model.RateLimited', 77)));
    const often = { turn: { run: 'r', waits: 50, refusals: 3 } };
    const away = await call(good, often);
    expect(turnIn(away)).toMatchObject({ waits: 51, refusals: 3 });
    const tooOften = { turn: { run: 'r', waits: mostWaits, refusals: 3 } };
    expect(await call(good, tooOften)).toMatchObject({ name: 'Model.RateLimited' });
  });

  test('goes unlimited where the table cannot be reached, and says so once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const { call } = setUp({ change: () => Promise.reject(new TypeError('fetch failed')) });
    expect(await call(good)).toMatchObject({ usage: { totalTokens: 10 } });
    expect(await call(good)).toMatchObject({ usage: { totalTokens: 10 } });
    expect(await call(() => Promise.reject(fault('Model.Overloaded', 8)))).toMatchObject({
      name: 'Model.Deferred',
      retryAfter: 8,
    });
    expect(warn.mock.calls).toEqual([
      ["The limiter's table could not be reached (TypeError); calls go unlimited."],
    ]);
  });
});

test('the model function shares a limit with others through the table that its environment names', async () => {
  const environment = { ...process.env };
  onTestFinished(() => {
    process.env = environment;
  });
  const served = serveTable(memoryTable());
  onTestFinished(() => served.close());
  const server = await providerServer((_, response) => sendJson(response, 200, completion('Hi')));
  Object.assign(process.env, {
    CLOUDGATHER_PROVIDER: 'openai',
    CLOUDGATHER_BASE_URL: server.baseURL,
    CLOUDGATHER_LIMITER_CHANNEL: served.channel,
  });
  const context = { getRemainingTimeInMillis: () => 10_000 };
  const limits = { requestsPerMinute: 6 };
  const settled = await Promise.allSettled(
    Array.from({ length: 12 }, () => handler({ ...request, limits }, context)),
  );
  const away = settled.filter(({ status }) => status === 'rejected');
  expect(away.length).toBeGreaterThan(0);
  expect(server.received).toHaveLength(12 - away.length);
  expect(away[0]).toMatchObject({ reason: { name: 'Model.Deferred' } });
});
