/**
 * The panel against a server that answers after 300, 200 and 100 ms: how long the gather takes beside
 * its slowest call, and how long the whole command takes with an instant stand-in.
 *
 *     node bench/panel.ts
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Run } from '../lib/run/run.ts';

const latencies: Readonly<Record<string, number>> = { openai: 300, anthropic: 200, google: 100 };
const verdict = '{"ranking":["gpt"],"why":"Because."}';
let open = 0;
let mostOpen = 0;

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    const judging = body.includes('You judge answers');
    const wait = instant || judging ? 0 : (latencies[request.url?.split('/')[1] ?? ''] ?? 0);
    setTimeout(() => {
      open -= 1;
      response.setHeader('content-type', 'application/json');
      response.end(reply(judging ? verdict : 'An answer.'));
    }, wait);
  });
});
let instant = false;

function reply(content: string): string {
  const message = { role: 'assistant', content };
  return JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'bench',
    choices: [{ index: 0, finish_reason: 'stop', message }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const environment = {
  PATH: process.env.PATH ?? '',
  OPENAI_BASE_URL: `${origin}/openai`,
  ANTHROPIC_BASE_URL: `${origin}/anthropic`,
  GEMINI_BASE_URL: `${origin}/google`,
};

async function panel(): Promise<{ run: Run; seconds: number }> {
  const begun = performance.now();
  const args = [
    '--disable-warning=ExperimentalWarning',
    'bin/cloudgather.ts',
    'run',
    'panel',
    '--json',
  ];
  const child = spawn(process.execPath, args, {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return { run: JSON.parse(text) as Run, seconds: (performance.now() - begun) / 1000 };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const took = (run: Run, name: string): number => {
  const step = run.steps.find((each) => each.name === name);
  return Date.parse(step?.stoppedAt ?? '') - Date.parse(step?.startedAt ?? '');
};

await panel(); // warms the bundle cache
const runs = [];
for (let i = 0; i < 9; i += 1) runs.push((await panel()).run);
const gathers = runs.map((run) => took(run, 'answers'));
console.log(`most requests in flight: ${mostOpen}`);
console.log(
  `gather: median ${median(gathers)} ms, ${(median(gathers) / 300).toFixed(3)} of the slowest call (300 ms)`,
);

instant = true;
const commands = [];
for (let i = 0; i < 9; i += 1) commands.push((await panel()).seconds);
console.log(`whole command, instant answers: median ${median(commands).toFixed(2)} s`);
server.close();
