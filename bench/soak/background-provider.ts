import type { VirtualClock } from '../../lib/engine/clock/virtual-clock.ts';
import type { JsonObject } from '../../lib/json.ts';
import { signedWebhook, type Webhook } from '../../lib/local/stand-in/background.ts';
import { type BackgroundFault, draw, drawnFault } from './faults.ts';
import { type Entry, idIn, type Ledger } from './ledger.ts';

export interface BackgroundProviderOptions {
  readonly seed: number;
  readonly faults: readonly BackgroundFault[];
  readonly share: number;
  readonly ledger: Ledger;
  readonly clock: VirtualClock;
  /** Waits on the soak's clock, for the call of that id. */
  readonly sleep: (id: string, milliseconds: number) => Promise<void>;
  /** Brings a webhook to its receiver; gives the status that it was answered with. */
  readonly deliver: (webhook: Webhook) => Promise<number>;
}

export const webhookSecret = `whsec_${Buffer.from('the secret of the soak, 32 bytes').toString('base64')}`;
const forgedSecret = `whsec_${Buffer.from('somebody else who would like to.').toString('base64')}`;

/** Seconds after which a webhook that was not taken comes again. */
const redeliveries = [5, 60, 300];

interface Work {
  readonly response: Record<string, unknown>;
  readonly id: string;
  readonly fault: BackgroundFault | null;
  readonly random: () => number;
  readonly usage: { input_tokens: number; output_tokens: number; total_tokens: number };
}

/**
 * The background mode of OpenAI's Responses API on a virtual clock. Every outcome, latency and fault is
 * drawn from the seed; webhooks are signed with the real time, by which they are judged.
 */
export function backgroundProvider(options: BackgroundProviderOptions): { fetch: typeof fetch } {
  const { seed, faults, share, ledger, clock, deliver, sleep } = options;
  const works = new Map<string, Work>();

  async function submit(body: JsonObject): Promise<Response> {
    const id = idIn(JSON.stringify(body));
    const entry = ledger.of(id);
    entry.requests += 1;
    if (clock.now() < entry.closedUntil) entry.early += 1;
    const random = draw(seed, id, entry.requests);
    const fault = drawnFault(random, faults, share);
    await sleep(id, 100 + Math.floor(random() * 900));
    if (fault === 'submit: 429') return refused(entry, random);
    if (fault === 'submit: 500') return json(500, { error: { message: 'It failed.' } });
    const response = queued(`resp_${id}-${entry.requests}`, body);
    const input_tokens = 20 + Math.floor(random() * 40);
    const output_tokens = 1 + Math.floor(random() * 200);
    const usage = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
    const work = { response, id, fault, random, usage };
    works.set(String(response.id), work);
    if (fault === 'webhook: before the submit returns') {
      complete(work, entry);
      await tell(work);
      return json(200, queued(String(response.id), body));
    }
    if (fault === 'webhook: forged') await send(work, forgedSecret);
    const seconds = 1 + Math.floor(random() * 900);
    // It tells of an end that has not come yet.
    if (fault === 'webhook: reordered') later(seconds * random(), () => send(work, webhookSecret));
    later(seconds, async () => {
      if (response.status !== 'queued') return;
      complete(work, entry);
      await tell(work);
    });
    if (fault === 'submit: reset after it was taken') {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' }),
      });
    }
    return json(200, { ...response });
  }

  function complete({ response, id, fault, usage }: Work, entry: Entry): void {
    const isLost = fault === 'submit: reset after it was taken';
    entry[isLost ? 'untold' : 'told'] += usage.total_tokens;
    if (fault === 'failed at the provider') {
      const error = { code: 'server_error', message: 'It failed.' };
      Object.assign(response, { status: 'failed', error, usage });
      return;
    }
    const text = fault === 'wrong answer' ? '{"wrong":1}' : JSON.stringify({ id });
    const content = [{ type: 'output_text', text, annotations: [] }];
    const message = { type: 'message', id: 'msg', role: 'assistant', status: 'completed', content };
    Object.assign(response, { status: 'completed', output: [message], usage });
  }

  /** The webhooks of a response that is over, as the fault has them. */
  async function tell(work: Work): Promise<void> {
    const { fault, random } = work;
    switch (fault) {
      case 'webhook: lost':
        return;
      case 'webhook: duplicate':
        await Promise.all([1, 2, 3].map(() => send(work, webhookSecret)));
        return;
      case 'webhook: reordered':
        return later(random() * 900, () => send(work, webhookSecret));
      case 'webhook: forged':
        await send(work, forgedSecret);
        return send(work, webhookSecret);
      case 'webhook: replayed':
        for (const seconds of [60, 600]) later(seconds, () => send(work, webhookSecret));
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

  async function send({ response }: Work, secret: string, time?: number): Promise<void> {
    const type = `response.${response.status === 'queued' ? 'completed' : response.status}`;
    const body = JSON.stringify({ object: 'event', type, data: { id: response.id } });
    const webhook = () => signedWebhook(body, secret, `wh_${response.id}`, time);
    const status = await deliver(webhook());
    if (status < 300 || secret === forgedSecret) return;
    again(redeliveries, webhook);
  }

  function again([seconds, ...rest]: readonly number[], webhook: () => Webhook): void {
    if (seconds === undefined) return;
    later(seconds, async () => {
      if ((await deliver(webhook())) >= 300) again(rest, webhook);
    });
  }

  /** Time stands still while it is done. */
  function later(seconds: number, work: () => Promise<void>): void {
    clock.setTimer(seconds * 1000, () => {
      const release = clock.hold();
      void work().finally(release);
    });
  }

  function refused(entry: Entry, random: () => number): Response {
    const seconds = 1 + Math.floor(random() * 90);
    entry.closedUntil = clock.now() + seconds * 1000;
    const error = { message: 'Too many.', code: 'rate_limit_exceeded' };
    return json(429, { error }, { 'retry-after': String(seconds) });
  }

  function find(name: string): Response {
    const work = works.get(name);
    if (!work) return json(404, { error: { message: 'There is no such response.' } });
    const failsNow = work.fault === 'fetch: 500' && work.random() < 0.5;
    return failsNow ? json(500, { error: { message: 'It failed.' } }) : json(200, work.response);
  }

  return {
    async fetch(url, init) {
      const [, name, action] = /\/responses(?:\/([\w-]+))?(?:\/(cancel))?$/.exec(String(url)) ?? [];
      if (name === undefined) return submit(JSON.parse(String(init?.body)) as JsonObject);
      const work = works.get(name);
      if (action === 'cancel' && work?.response.status === 'queued') {
        work.response.status = 'cancelled';
      }
      return find(name);
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
