import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingServer {
  readonly url: string;
  /** The steps that were called, in order, once for each call. */
  readonly calls: readonly string[];
  /** Resolves when so many calls have come. */
  reached(count: number): Promise<void>;
  close(): void;
}

/** The witness: it knows which steps were run, whatever the processes that ran them have recorded. */
export async function startCountingServer(): Promise<CountingServer> {
  const calls: string[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const step = decodeURIComponent((request.url ?? '').slice(1));
    const earlier = calls.filter((call) => call === step).length;
    calls.push(step);
    for (const { count, resolve } of waiting) if (calls.length >= count) resolve();
    const fails = step === 'flaky' && earlier === 0;
    setTimeout(() => {
      response.writeHead(fails ? 503 : 200).end(JSON.stringify({ answer: `answer of ${step}` }));
    }, latency(step));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    reached: (count) =>
      new Promise((resolve) => {
        if (calls.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function latency(step: string): number {
  if (step === 'slow') return 250;
  return /^(item|far)/.test(step) ? 30 : 5;
}
