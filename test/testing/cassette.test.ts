import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { gather, model, workflow } from '../../lib/index.ts';
import {
  liveModel,
  matchers,
  realClock,
  recordCassette,
  replayCassette,
  scriptedModel,
  startProvider,
  testRun,
} from '../../lib/testing/index.ts';

expect.extend(matchers);

const input = z.object({ topic: z.string().default('herons') });
const ask = model({ model: 'openai:gpt-5-mini' });
const pair = await workflow('pair', { input }, async ({ topic }) =>
  gather([ask({ prompt: `One on ${topic}` }), ask({ prompt: `Two on ${topic}` })]),
);

describe('a cassette', () => {
  function cassettePath(): string {
    const folder = mkdtempSync(join(tmpdir(), 'cassette-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return join(folder, 'tapes', 'pair.jsonl');
  }

  test('gives back what was recorded, failures too, bit for bit, and holds no prompt', async () => {
    const path = cassettePath();
    const script = { seed: 3, faults: { 'Model.Unavailable': 0.5 }, latency: [5, 500] } as const;
    const recorder = recordCassette(path, scriptedModel(script));
    const first = await testRun(pair, { model: recorder, input: { topic: 'CANARY' } });
    recorder.save();
    expect(readFileSync(path, 'utf8').split('One on CANARY').length - 1).toBeLessThanOrEqual(1);
    const tape = replayCassette(path);
    const second = await testRun(pair, { model: tape, input: { topic: 'CANARY' } });
    expect(second.status).toBe(first.status);
    expect(JSON.stringify(second.output)).toBe(JSON.stringify(first.output));
    expect(second.run.usage).toEqual(first.run.usage);
    expect(second.calls).toHaveLength(first.calls.length);
    expect(tape.left).toBe(0);
  });

  test('records a provider itself, on the real clock, and replays it without one', async () => {
    const path = cassettePath();
    const provider = await startProvider({ seed: 2, latency: 20, faults: { '500': 0.3 } });
    const live = liveModel({ OPENAI_BASE_URL: provider.baseURL });
    const recorder = recordCassette(path, live);
    const first = await testRun(pair, { model: recorder, clock: realClock });
    recorder.save();
    await provider.close();
    expect(first).toHaveSucceeded();
    expect(first.run.usage.totalTokens).toBe(provider.meter.tokens);
    const second = await testRun(pair, { model: replayCassette(path) });
    expect(second.output).toEqual(first.output);
    expect([second.run.usage, second.run.price]).toEqual([first.run.usage, first.run.price]);
  });

  test('fails to record a provider whose key is not set, and says which one', async () => {
    const run = await testRun(pair, { model: liveModel({}) });
    expect(run).toHaveFailedWith('UsageError');
    expect(JSON.stringify(run.run)).toContain('Set OPENAI_API_KEY, or OPENAI_BASE_URL');
  });

  test('holds for a call whose neighbours and whose time limit have changed', async () => {
    const path = cassettePath();
    const recorder = recordCassette(path, scriptedModel({ answer: 'yes' }));
    await testRun(pair, { model: recorder });
    recorder.save();
    const patient = model({ model: 'openai:gpt-5-mini', timeout: 300 });
    const alone = await workflow('alone', { input }, async ({ topic }) =>
      patient({ prompt: `One on ${topic}` }),
    );
    expect(await testRun(alone, { model: replayCassette(path) })).toHaveSucceeded('yes');
  });

  test('fails at once where there is none, or where it is none', () => {
    const path = cassettePath();
    expect(() => replayCassette(path)).toThrow(/There is no cassette .* Record one/);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '{"key": ');
    expect(() => replayCassette(path)).toThrow(/cannot be read: it has one line of JSON/);
  });

  test('fails for a call that was not recorded, and for one more than was', async () => {
    const path = cassettePath();
    const recorder = recordCassette(path, scriptedModel());
    await testRun(pair, { model: recorder });
    recorder.save();
    const other = await testRun(pair, { model: replayCassette(path), input: { topic: 'owls' } });
    expect(other).toHaveFailedWith('CassetteMiss');
    const tape = replayCassette(path);
    expect(await testRun(pair, { model: tape })).toHaveSucceeded();
    expect(await testRun(pair, { model: tape })).toHaveFailedWith('CassetteMiss');
  });
});
