/**
 * A gather of four calls whose provider says a word every 30 ms: how long a word takes from the provider
 * to the watcher, and what the same run takes watched and unwatched where the provider answers at once.
 *
 *     node bench/watch.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { compileWorkflow, gather, model, workflow } from '../lib/index.ts';
import { createLocalRunner } from '../lib/local/local-runner.ts';
import { isTokens } from '../lib/run/token-event.ts';

const words = 40;
let pause = 30;

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { stream } = JSON.parse(body) as { stream?: boolean };
  if (stream) return speak(response);
  const message = { role: 'assistant', content: 'word '.repeat(words) };
  const choices = [{ index: 0, finish_reason: 'stop', message }];
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ object: 'chat.completion', model: 'm', choices }));
});

/** Each word is the time at which it was sent. */
async function speak(response: ServerResponse): Promise<void> {
  response.setHeader('content-type', 'text/event-stream');
  const send = (delta: object, finish_reason: string | null = null): void => {
    const choices = [{ index: 0, delta, finish_reason }];
    response.write(`data: ${JSON.stringify({ model: 'm', choices })}\n\n`);
  };
  for (let count = 0; count < words; count += 1) {
    send({ content: `${Date.now()} ` });
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  send({}, 'stop');
  response.end('data: [DONE]\n\n');
}

await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const folder = mkdtempSync(path.join(tmpdir(), 'watch-'));
const ask = model({ model: 'openai:m' });
const flow = await workflow('four', { input: z.object({}) }, async () =>
  gather([1, 2, 3, 4].map((n) => ask({ prompt: `Say ${n}.` }))),
);
const runner = createLocalRunner({
  workflows: [compileWorkflow(flow)],
  folder,
  environment: {
    OPENAI_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
  },
});

/** Runs it; gives the milliseconds that it took and those that each word was on its way. */
async function run(watch: boolean): Promise<{ took: number; delays: number[] }> {
  const delays: number[] = [];
  const begun = performance.now();
  const { id } = await runner.start('four', {}, { watch });
  for await (const told of runner.events('four', id, { afterTokens: 0 })) {
    if (!isTokens(told)) continue;
    for (const sent of told.text.trim().split(' ')) delays.push(Date.now() - Number(sent));
  }
  return { took: performance.now() - begun, delays };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

await run(true);
const { delays } = await run(true);
const worst = Math.max(...delays);
console.log(
  `${delays.length} words: ${median(delays)} ms from provider to watcher, worst ${worst}`,
);

pause = 0;
const rounds = 40;
for (const watch of [false, true]) {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) took.push((await run(watch)).took);
  console.log(`${watch ? 'watched' : 'unwatched'}: ${median(took).toFixed(1)} ms a run`);
}
await runner.close();
server.close();
rmSync(folder, { recursive: true });
