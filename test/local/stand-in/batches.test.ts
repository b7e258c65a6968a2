import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type StandIn, startStandIn } from '../../../lib/local/stand-in/stand-in.ts';

let standIn: StandIn;
let client: OpenAI;

beforeAll(async () => {
  standIn = await startStandIn({ latency: 0, batchLatency: 50 });
  client = new OpenAI({ baseURL: standIn.backgroundURL, apiKey: 'key', maxRetries: 0 });
});
afterAll(() => standIn.close());

function line(custom_id: string, prompt: string) {
  const body = { model: 'gpt-5-mini', messages: [{ role: 'user', content: prompt }] };
  return JSON.stringify({ custom_id, method: 'POST', url: '/v1/chat/completions', body });
}

async function made(...lines: string[]) {
  const file = await client.files.create({
    file: await toFile(Buffer.from(lines.join('\n')), 'calls.jsonl'),
    purpose: 'batch',
  });
  return client.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    metadata: { mine: 'yes' },
  });
}

it("does what OpenAI's own package asks of files and batches", async () => {
  const batch = await made(line('one', 'Hello'), line('two', 'Bye'));
  expect(batch).toMatchObject({
    object: 'batch',
    status: 'in_progress',
    metadata: { mine: 'yes' },
  });
  await expect.poll(async () => (await client.batches.retrieve(batch.id)).status).toBe('completed');
  const { output_file_id, error_file_id } = await client.batches.retrieve(batch.id);
  expect(error_file_id).toBeNull();
  const text = await (await client.files.content(String(output_file_id))).text();
  const answers = text
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each));
  expect(answers).toMatchObject(
    ['one', 'two'].map((custom_id) => ({
      custom_id,
      error: null,
      response: {
        status_code: 200,
        body: { object: 'chat.completion', choices: [{ finish_reason: 'stop' }] },
      },
    })),
  );
  expect(await client.files.delete(batch.input_file_id)).toMatchObject({ deleted: true });
  await expect(client.files.content(batch.input_file_id)).rejects.toThrow('404');
});

it('lists batches, the newest first, page by page', async () => {
  const ids = [(await made(line('a', 'x'))).id, (await made(line('b', 'x'))).id];
  const listed: string[] = [];
  for await (const { id } of client.batches.list({ limit: 1 })) listed.push(id);
  expect(listed.slice(0, 2)).toEqual(ids.toReversed());
});

it('stops a batch', async () => {
  const { id } = await made(line('a', 'x'));
  expect((await client.batches.cancel(id)).status).toBe('cancelling');
  await expect.poll(async () => (await client.batches.retrieve(id)).status).toBe('cancelled');
  await expect(client.batches.cancel(id)).rejects.toThrow('409');
  expect(standIn.batches.cancelled).toBe(1);
});

it('still answers background calls at the same address', async () => {
  const response = await client.responses.create({
    model: 'gpt-5-mini',
    input: [{ role: 'user', content: 'x' }],
    background: true,
  });
  expect(response.status).toBe('queued');
});
