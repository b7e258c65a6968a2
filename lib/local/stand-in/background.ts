import { createHmac, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../../json.ts';
import { scriptedReply } from './reply.ts';

/** Where a provider's webhooks go, and what they are signed with ('whsec_' and base64). */
export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

/** A webhook as it goes over the wire. */
export interface Webhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface BackgroundOptions {
  /** Milliseconds until a model is done. */
  readonly latency: (model: string) => number;
  /** Brings a webhook to its receiver. Default: HTTP to `target`, up to four times until it is taken. */
  readonly deliver?: (webhook: Webhook) => Promise<void>;
  /** Asked before the first delivery. Default: webhooks are not sent. */
  readonly target?: () => Promise<WebhookTarget>;
  /** What a model says, in place of the scripted reply. */
  readonly reply?: (body: JsonObject) => string;
}

/** What was asked of the stand-in, counted. */
export interface BackgroundMeter {
  submitted: number;
  cancelled: number;
  completed: number;
  /** Input and output of the completed ones. */
  tokens: number;
}

type Response = Record<string, unknown> & { readonly id: string; status: string };

/** Milliseconds between two tries to deliver a webhook that was not taken. */
const pauses = [0, 200, 1_000, 3_000];

/**
 * The background mode of OpenAI's Responses API, without a model behind it: `POST /responses` queues,
 * `GET /responses/:id` tells, `POST /responses/:id/cancel` stops, and a webhook, signed as OpenAI signs
 * (Standard Webhooks), says when a response is over.
 */
export class BackgroundResponses {
  readonly meter: BackgroundMeter = { submitted: 0, cancelled: 0, completed: 0, tokens: 0 };
  readonly #options: BackgroundOptions;
  readonly #responses = new Map<string, Response>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  /** True when the request was one of these three. */
  async handleRequest(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
  ): Promise<boolean> {
    const [, id, action] = /\/responses(?:\/([\w-]+))?(?:\/(cancel))?$/.exec(pathname) ?? [];
    if (request.method === 'POST' && id === undefined) {
      send(response, 200, this.#submit(JSON.parse(await textOf(request)) as JsonObject));
      return true;
    }
    request.resume();
    const found = this.#responses.get(id ?? '');
    if (!found) send(response, 404, { error: { message: 'There is no such response.' } });
    else if (action === 'cancel') send(response, 200, this.#cancel(found));
    else send(response, 200, found);
    return true;
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #submit(body: JsonObject): Response {
    this.meter.submitted += 1;
    const response: Response = {
      id: `resp_${randomUUID().replaceAll('-', '')}`,
      object: 'response',
      status: 'queued',
      background: true,
      model: body.model,
      metadata: body.metadata ?? {},
      output: [],
      error: null,
      incomplete_details: null,
      usage: null,
    };
    this.#responses.set(response.id, response);
    const pause = this.#options.latency(String(body.model));
    const timer = setTimeout(() => void this.#complete(response, body), pause);
    this.#timers.set(response.id, timer.unref());
    return { ...response };
  }

  #cancel(response: Response): Response {
    if (response.status === 'queued') {
      this.meter.cancelled += 1;
      clearTimeout(this.#timers.get(response.id));
      response.status = 'cancelled';
      void this.#tell(response);
    }
    return response;
  }

  async #complete(response: Response, body: JsonObject): Promise<void> {
    const scripted = scriptedReply(String(body.model), messagesIn(body), formatIn(body));
    const text = this.#options.reply?.(body) ?? scripted.content;
    const { prompt_tokens, completion_tokens, total_tokens } = scripted.usage;
    const content = [{ type: 'output_text', text, annotations: [] }];
    Object.assign(response, {
      status: 'completed',
      output: [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }],
      usage: { input_tokens: prompt_tokens, output_tokens: completion_tokens, total_tokens },
    });
    this.meter.completed += 1;
    this.meter.tokens += total_tokens;
    await this.#tell(response);
  }

  #tell({ id, status }: Response): Promise<void> {
    const event = { object: 'event', type: `response.${status}`, data: { id } };
    return deliver(event, id, this.#options);
  }
}

/** Signs an event and brings it to its receiver, if there is one. */
export async function deliver(
  event: object,
  id: string,
  { deliver: bring, target }: Pick<BackgroundOptions, 'deliver' | 'target'>,
): Promise<void> {
  if (!target) return;
  const { url, secret } = await target();
  const webhook = () => signedWebhook(JSON.stringify(event), secret, `wh_${id}`);
  if (bring) return bring(webhook());
  for (const pause of pauses) {
    await new Promise((resolve) => setTimeout(resolve, pause).unref());
    const { headers, body } = webhook();
    const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
  }
}

/** Signed as Standard Webhooks has it: HMAC-SHA256 over id, time and body. */
export function signedWebhook(
  body: string,
  secret: string,
  id: string,
  time: number = Math.floor(Date.now() / 1000),
): Webhook {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(time),
      'webhook-signature': `v1,${signature}`,
    },
    body,
  };
}

type Messages = Parameters<typeof scriptedReply>[1];

/** The conversation as Chat Completions has it, so that a call says the same in every lane. */
export function messagesIn({ instructions, input }: JsonObject): Messages {
  const system = instructions === undefined ? [] : [{ role: 'system', content: instructions }];
  return [...system, ...(input as unknown as Messages)];
}

/** The format as Chat Completions has it. */
export function formatIn({ text }: JsonObject): unknown {
  const format = (text as JsonObject | undefined)?.format as JsonObject | undefined;
  return format && { type: format.type, json_schema: { schema: format.schema } };
}

export function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
