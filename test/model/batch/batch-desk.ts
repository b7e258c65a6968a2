import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { LocalRunTable } from '../../../lib/local/run-table/local-run-table.ts';
import { runTableName } from '../../../lib/local/run-table/name.ts';
import type { Webhook } from '../../../lib/local/stand-in/background.ts';
import { Batches, type BatchesOptions } from '../../../lib/local/stand-in/batches.ts';
import { dynamoJobs } from '../../../lib/model/background/dynamo-jobs.ts';
import { responsesOf } from '../../../lib/model/background/responses.ts';
import { submitJob } from '../../../lib/model/background/submit.ts';
import { batchCallsOf } from '../../../lib/model/batch/calls.ts';
import { dynamoBatches } from '../../../lib/model/batch/dynamo-batches.ts';
import { dynamoWaiting } from '../../../lib/model/batch/dynamo-waiting.ts';
import type { BatchDesk } from '../../../lib/model/batch/parts.ts';
import { memoryTable } from '../../../lib/model/limiter/memory-table.ts';
import { providerNamed } from '../../../lib/model/providers.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';
import { request, secret, type Tokens } from '../background/background-desk.ts';

/** What the provider does in place of an answer: a status, or a connection that is cut after the work. */
export type Disturbance =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: object }
  | 'cut'
  | undefined;

export interface BatchSetting extends Tokens {
  readonly desk: BatchDesk;
  readonly provider: Batches;
  readonly sent: Webhook[];
  /** Another process with the same provider, whose table is empty. */
  readonly elsewhere: () => Promise<BatchDesk>;
  /** What happens to the next requests, by method and path. */
  disturb(by: ((method: string, path: string) => Disturbance) | null): void;
  /** Requests so far: 'POST /files'. */
  readonly asked: string[];
  /** Submits a call of the lane, and gives its job's id. */
  submit(token: string, more?: Partial<ModelRequest>): Promise<string>;
  budget(key: string): Promise<Readonly<Record<string, number>>>;
  pass(ms: number): void;
}

/** A provider on loopback that knows batches, a run table of DynamoDB's kind, and tokens in memory. */
export async function setting(
  options: Partial<BatchesOptions> & {
    readonly environment?: Record<string, string>;
    /** The desk's clock. Default: the machine's. */
    readonly now?: () => number;
  } = {},
): Promise<BatchSetting> {
  const { now = Date.now } = options;
  const sent: Webhook[] = [];
  const provider = new Batches({
    latency: () => 0,
    target: async () => ({ url: '', secret }),
    deliver: async (webhook) => void sent.push(webhook),
    ...options,
  });
  const asked: string[] = [];
  let disturbance: ((method: string, path: string) => Disturbance) | null = null;
  const server = createServer(async (question, answer) => {
    const { method = '', url = '' } = question;
    const path = url.replace('/v1', '').replace(/\?.*/, '');
    asked.push(`${method} ${path}`);
    const instead = disturbance?.(method, path);
    if (instead === undefined) return void provider.handleRequest(question, answer, url);
    if (instead === 'cut') {
      answer.writeHead = () => answer;
      answer.end = () => answer;
      await provider.handleRequest(question, answer, url);
      question.socket.destroy();
      return;
    }
    question.resume();
    answer.writeHead(instead.status, { 'content-type': 'application/json', ...instead.headers });
    answer.end(JSON.stringify(instead.body ?? { error: { message: 'canary-prompt' } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    provider.close();
    server.closeAllConnections();
    server.close();
  });
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const environment = { CLOUDGATHER_API_KEY: 'canary-key', ...options.environment };
  const at = { provider: providerNamed('openai'), baseURL, environment };
  const answers: Tokens['answers'] = [];
  const dead = new Set<string>();
  const answered = async (told: Tokens['answers'][number]): Promise<boolean> => {
    if (dead.has(told.token)) return false;
    dead.add(told.token);
    answers.push(told);
    return true;
  };
  const budgets = memoryTable();
  let passed = 0;
  const deskOver = async (): Promise<BatchDesk> => {
    const table = await LocalRunTable.start();
    onTestFinished(() => table.close());
    return {
      ...at,
      jobs: dynamoJobs(runTableName, 'openai', table.environment),
      responses: responsesOf(at),
      batch: {
        waiting: dynamoWaiting(runTableName, 'openai', table.environment),
        rows: dynamoBatches(runTableName, 'openai', table.environment),
        calls: batchCallsOf(at),
      },
      limiter: null,
      budgetTable: budgets,
      now: () => now() + passed,
      tokens: {
        succeed: (token, output) => answered({ token, output }),
        fail: (token, error, cause) => answered({ token, error, ...(cause ? { cause } : {}) }),
        heartbeat: async (token) => !dead.has(token),
      },
    };
  };
  const desk = await deskOver();
  return {
    desk,
    provider,
    sent,
    answers,
    dead,
    asked,
    elsewhere: deskOver,
    disturb: (by) => {
      disturbance = by;
    },
    submit: async (taskToken, more = {}) =>
      (await submitJob({ taskToken, request: request(more), lane: 'batch' }, desk)).job,
    budget: async (key) =>
      (await budgets.change(key, { when: [{ name: 'no', is: '=', value: 1 }] })).row,
    pass: (ms) => {
      passed += ms;
    },
  };
}

/** The one batch that is open. */
export async function onlyBatch({ desk }: BatchSetting) {
  const [id = '', ...others] = await desk.batch.rows.open();
  if (others.length > 0) throw new Error('There is more than one batch.');
  return desk.batch.rows.get(id);
}
