import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../../lib/json.ts';
import { collect } from '../../../lib/model/batch/collect.ts';
import { sweepBatches } from '../../../lib/model/batch/sweep.ts';
import { offloadPayloads } from '../../../lib/payload/offload.ts';
import { payloadStoreOf } from '../../../lib/payload/store.ts';
import { type BatchSetting, setting } from './batch-desk.ts';

const state = { Name: 'ask', EnteredTime: '2026-11-23T00:00:00.000Z', RetryCount: 0 };
const caller = ['run-1', 'workflow', state] as const;
const large = 'large '.repeat(50_000);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payloads-'));
  vi.stubEnv('CLOUDGATHER_PAYLOADS', pathToFileURL(folder).href);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A large text as a run's data has it: a reference. */
async function reference(): Promise<string> {
  const small = await offloadPayloads({ large }, { run: 'run-1', share: 1_000 }, () =>
    payloadStoreOf(process.env),
  );
  return String((small as JsonObject).large);
}

async function asked(at: BatchSetting, prompt: string): Promise<void> {
  await at.submit('t', { prompt, caller, payload: { share: 1_000 } });
  await collect(at.desk);
}

it('resolves references in the prompt, and puts a large answer aside', async () => {
  let seen = '';
  const at = await setting({
    reply: (body) => {
      seen = String(((body.messages as readonly JsonObject[])[0] as JsonObject).content);
      return large.toUpperCase();
    },
  });
  const prompt = `Read: ${await reference()}`;
  expect(prompt.length).toBeLessThan(1_000);
  await asked(at, prompt);
  await expect.poll(() => at.sent.length).toBe(1);
  await sweepBatches('all', at.desk);
  expect(seen).toBe(`Read: ${large}`);
  expect(at.answers).toMatchObject([
    { output: { output: expect.stringMatching(/^\[\[payload text 300000 /) } },
  ]);
});

it('fails by its name a call whose reference is to nothing', async () => {
  const at = await setting();
  const prompt = await reference();
  for (const each of await readdir(folder)) await rm(join(folder, each), { recursive: true });
  await asked(at, prompt);
  expect(at.answers).toMatchObject([{ error: 'Payload.Missing' }]);
  expect(await at.desk.batch.rows.open()).toEqual([]);
});

it('waits for a store that cannot be read, while others go', async () => {
  const at = await setting();
  const prompt = await reference();
  vi.stubEnv('CLOUDGATHER_PAYLOADS', '');
  await at.submit('other');
  await asked(at, prompt);
  expect(at.provider.meter.created).toBe(1);
  expect(at.answers).toEqual([]);
  await expect.poll(() => at.provider.meter.answered.size).toBe(1);
  vi.stubEnv('CLOUDGATHER_PAYLOADS', pathToFileURL(folder).href);
  at.pass(60_000);
  expect(await collect(at.desk)).toBe(1);
});
