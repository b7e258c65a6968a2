import type { JsonObject } from '../../lib/json.ts';
import { type BackgroundFault, draw, drawnFault, type Hits } from './faults.ts';
import { type Entry, idIn, type Ledger } from './ledger.ts';
import type { Threads } from './threads.ts';
import { type Deliver, forgedSecret, webhookSecret, webhookSender } from './webhook-sender.ts';

export interface BackgroundProviderOptions {
  readonly seed: number;
  readonly faults: readonly BackgroundFault[];
  readonly share: number;
  readonly ledger: Ledger;
  readonly hits: Hits;
  readonly threads: Threads;
  readonly deliver: Deliver;
}

const hang = 600_000;

interface Work {
  readonly response: Record<string, unknown>;
  readonly id: string;
  readonly fault: BackgroundFault | null;
  readonly random: () => number;
  readonly usage: { input_tokens: number; output_tokens: number; total_tokens: number };
  readonly job: string;
  /** How often it was told to stop. */
  stops: number;
}

/**
 * The background mode of OpenAI's Responses API on a virtual clock. Every outcome, latency and fault is
 * drawn from the seed; webhooks are signed with the real time, by which they are judged.
 */
export function backgroundProvider(options: BackgroundProviderOptions): { fetch: typeof fetch } {
  const { seed, faults, share, ledger, hits, threads, deliver } = options;
  const works = new Map<string, Work>();
  const tellOf = webhookSender(threads, deliver);

  async function submit(body: JsonObject, signal: AbortSignal | null): Promise<Response> {
    const id = idIn(JSON.stringify(body));
    const entry = ledger.of(id);
    entry.requests += 1;
    if (threads.clock.now() < entry.closedUntil) entry.early += 1;
    const random = draw(seed, id, entry.requests);
    const drawn = drawnFault(random, faults, share);
    const fault = drawn?.startsWith('table') ? null : drawn;
    const latency = 100 + Math.floor(random() * 900);
    if (fault !== 'submit: 429 at once') await threads.pause(latency, signal);
    if (fault?.startsWith('submit')) hits.add(fault);
    if (fault?.startsWith('submit: 429')) return refused(entry, random);
    if (fault === 'submit: 500') return json(500, { error: { message: 'It failed.' } });
    const work = begin(id, body, fault, random, entry);
    const { response } = work;
    if (fault === 'webhook: before the submit returns') {
      complete(work, entry);
      await tell(work);
      return json(200, queued(String(response.id), body));
    }
    if (fault === 'webhook: forged') await send(work, forgedSecret);
    const answer = json(200, { ...response });
    if (fault?.startsWith('never done')) return answer;
    const seconds = 1 + Math.floor(random() * 900);
    // It tells of an end that has not come yet.
    if (fault === 'webhook: reordered') {
      threads.later(seconds * random(), () => send(work, webhookSecret));
    }
    threads.later(seconds, async () => {
      if (response.status !== 'queued') return;
      complete(work, entry);
      await tell(work);
    });
    if (fault === 'submit: 10-minute hang') await threads.pause(hang, signal);
    if (fault === 'submit: reset after it was taken') {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' }),
      });
    }
    return answer;
  }

  function begin(
    id: string,
    body: JsonObject,
    fault: BackgroundFault | null,
    random: () => number,
    entry: Entry,
  ): Work {
    const response = queued(`resp_${id}-${entry.requests}`, body);
    const input_tokens = 20 + Math.floor(random() * 40);
    const output_tokens = 1 + Math.floor(random() * 200);
    const usage = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
    const job = String((body.metadata as JsonObject).cloudgather_job);
    const work = { response, id, fault, random, usage, job, stops: 0 };
    works.set(String(response.id), work);
    return work;
  }

  function complete({ response, id, fault, usage, job }: Work, entry: Entry): void {
    entry.told.push({ input: usage.input_tokens, output: usage.output_tokens, job });
    if (fault === 'failed at the provider') {
      hits.add(fault);
      const error = { code: 'server_error', message: 'It failed.' };
      Object.assign(response, { status: 'failed', error, usage });
      return;
    }
    if (fault === 'wrong answer') hits.add(fault);
    const text = fault === 'wrong answer' ? '{"wrong":1}' : JSON.stringify({ id });
    const content = [{ type: 'output_text', text, annotations: [] }];
    const message = { type: 'message', id: 'msg', role: 'assistant', status: 'completed', content };
    Object.assign(response, { status: 'completed', output: [message], usage });
  }

  /** The webhooks of a response that is over, as the fault has them. */
  async function tell(work: Work): Promise<void> {
    const { fault, random } = work;
    if (fault?.startsWith('webhook')) hits.add(fault);
    switch (fault) {
      case 'webhook: lost':
        return;
      case 'webhook: duplicate':
        for (let copy = 0; copy < 3; copy++) threads.start(() => send(work, webhookSecret));
        return;
      case 'webhook: reordered':
        return threads.later(random() * 900, () => send(work, webhookSecret));
      case 'webhook: forged':
        await send(work, forgedSecret);
        return send(work, webhookSecret);
      case 'webhook: replayed':
        for (const seconds of [60, 600]) threads.later(seconds, () => send(work, webhookSecret));
        return send(work, webhookSecret);
      case 'webhook: clock off': {
        // By less than the 5 minutes that are forgiven, or by more, either way.
        const off = (100 + Math.floor(random() * 400)) * (random() < 0.5 ? -1 : 1);
        return send(work, webhookSecret, Math.floor(Date.now() / 1000) + off);
      }
      default:
        return send(work, webhookSecret);
    }
  }

  function send({ response }: Work, secret: string, time?: number): Promise<void> {
    const type = `response.${response.status === 'queued' ? 'completed' : response.status}`;
    return tellOf(type, String(response.id), secret, time);
  }

  function refused(entry: Entry, random: () => number): Response {
    const seconds = 1 + Math.floor(random() * 90);
    entry.closedUntil = threads.clock.now() + seconds * 1000;
    const error = { message: 'Too many.', code: 'rate_limit_exceeded' };
    return json(429, { error }, { 'retry-after': String(seconds) });
  }

  async function find(name: string, signal: AbortSignal | null): Promise<Response> {
    const work = works.get(name);
    await threads.pause(20 + Math.floor((work?.random() ?? 0) * 200), signal);
    if (!work) return json(404, { error: { message: 'There is no such response.' } });
    const fails = work.fault?.startsWith('fetch') && work.random() < 0.5;
    if (!fails) return json(200, work.response);
    hits.add(String(work.fault));
    if (work.fault === 'fetch: 10-minute hang') await threads.pause(hang, signal);
    return json(500, { error: { message: 'It failed.' } });
  }

  async function cancel(name: string, signal: AbortSignal | null): Promise<Response> {
    const work = works.get(name);
    if (!work) return find(name, signal);
    work.stops += 1;
    if (work.fault?.startsWith('never done')) hits.add(work.fault);
    const isOver = work.response.status !== 'queued';
    const hangs = work.fault === 'never done, cancel: 10-minute hang' && work.stops <= 3;
    if (!hangs || work.random() < 0.5) stop(work);
    if (hangs) await threads.pause(hang, signal);
    // What is over is refused, or told once more.
    if (isOver && work.random() < 0.5) {
      return json(400, { error: { message: 'It is over.', code: 'invalid_request_error' } });
    }
    return find(name, signal);
  }

  function stop(work: Work): void {
    if (work.response.status !== 'queued') return;
    work.response.status = 'cancelled';
    threads.later(1, () => send(work, webhookSecret));
  }

  return {
    async fetch(url, init) {
      const [, name, action] = /\/responses(?:\/([\w-]+))?(?:\/(cancel))?$/.exec(String(url)) ?? [];
      const signal = init?.signal ?? null;
      if (name === undefined) return submit(JSON.parse(String(init?.body)) as JsonObject, signal);
      return action === 'cancel' ? cancel(name, signal) : find(name, signal);
    },
  };
}

function queued(id: string, { model, metadata = {} }: JsonObject): Record<string, unknown> {
  return {
    ...{ id, object: 'response', status: 'queued', background: true, model, metadata },
    ...{ output: [], error: null, incomplete_details: null, usage: null },
  };
}

function json(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
