import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Json } from '../../../lib/json.ts';
import {
  type BackgroundOptions,
  BackgroundResponses,
  signedWebhook,
  type Webhook,
} from '../../../lib/local/stand-in/background.ts';
import type { Desk } from '../../../lib/model/background/desk.ts';
import type { Job } from '../../../lib/model/background/job.ts';
import type { Jobs } from '../../../lib/model/background/jobs.ts';
import { responsesOf } from '../../../lib/model/background/responses.ts';
import { Limiter } from '../../../lib/model/limiter/limiter.ts';
import { memoryTable } from '../../../lib/model/limiter/memory-table.ts';
import { providerNamed } from '../../../lib/model/providers.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';

export const secret = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`;

export function memoryJobs(): Jobs & { readonly rows: Map<string, Job> } {
  const rows = new Map<string, Job>();
  const at = (id: string, attempt: number, job: Job): boolean => {
    if (rows.get(id)?.attempt !== attempt) return false;
    rows.set(id, job);
    return true;
  };
  return {
    rows,
    add: async (job) => !rows.has(job.id) && rows.set(job.id, job) !== undefined,
    get: async (id) => rows.get(id) ?? null,
    taken: async (job) => at(job.id, job.attempt, job),
    again: async (job) => at(job.id, job.attempt - 1, job),
    async remove(id) {
      const job = rows.get(id) ?? null;
      rows.delete(id);
      return job;
    },
    ofRun: async () => [...rows.keys()],
    due: async () => [...rows.keys()],
    lookAgain: async () => undefined,
  };
}

/** What a state was told, by its token; a token waits until then. */
export interface Tokens {
  readonly answers: { token: string; output?: Json; error?: string; cause?: string }[];
  /** Tokens of states that no longer wait. */
  readonly dead: Set<string>;
}

export interface Setting extends Tokens {
  readonly desk: Desk;
  readonly jobs: ReturnType<typeof memoryJobs>;
  readonly provider: BackgroundResponses;
  /** Webhooks that the provider has sent, none of which was delivered. */
  readonly sent: Webhook[];
  readonly limiterRow: () => Promise<Readonly<Record<string, number>>>;
  /** Moves the desk's clock on, in milliseconds. */
  pass(ms: number): void;
}

/** A provider on loopback, and a table, tokens and a limiter in memory. */
export async function setting(options: Partial<BackgroundOptions> = {}): Promise<Setting> {
  const sent: Webhook[] = [];
  const provider = new BackgroundResponses({
    latency: () => 0,
    target: async () => ({ url: '', secret }),
    deliver: async (webhook) => void sent.push(webhook),
    ...options,
  });
  const server = createServer(
    (request, response) => void provider.handleRequest(request, response, String(request.url)),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    provider.close();
    server.closeAllConnections();
    server.close();
  });
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const at = {
    provider: providerNamed('openai'),
    baseURL,
    environment: { CLOUDGATHER_API_KEY: 'canary-key' },
  };
  const answers: Tokens['answers'] = [];
  const dead = new Set<string>();
  const answer = async (told: Tokens['answers'][number]): Promise<boolean> => {
    if (dead.has(told.token)) return false;
    dead.add(told.token);
    answers.push(told);
    return true;
  };
  const table = memoryTable();
  const jobs = memoryJobs();
  let passed = 0;
  const desk: Desk = {
    ...at,
    jobs,
    responses: responsesOf(at),
    limiter: new Limiter(table),
    budgetTable: table,
    now: () => Date.now() + passed,
    tokens: {
      succeed: (token, output) => answer({ token, output }),
      fail: (token, error, cause) => answer({ token, error, ...(cause ? { cause } : {}) }),
      heartbeat: async (token) => !dead.has(token),
    },
  };
  const limiterRow = async () =>
    (await table.change('openai:gpt-5-mini', { when: [{ name: 'no', is: '=', value: 1 }] })).row;
  return {
    desk,
    jobs,
    provider,
    sent,
    answers,
    dead,
    limiterRow,
    pass: (ms) => {
      passed += ms;
    },
  };
}

export function request(more: Partial<ModelRequest> = {}): ModelRequest {
  return { model: 'gpt-5-mini', prompt: 'canary-prompt', timeoutSeconds: 3600, ...more };
}

/** A webhook that says that a response is over. */
export function over(response: string | null, type = 'completed', id = 'wh_1'): Webhook {
  return signedWebhook(
    JSON.stringify({ type: `response.${type}`, data: { id: response } }),
    secret,
    id,
  );
}
