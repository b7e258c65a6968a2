import type OpenAI from 'openai';
import { Webhooks } from 'openai/resources/webhooks/webhooks';
import { hasBatches } from '../batch/parts.ts';
import { type BatchLook, takeBatch } from '../batch/row-look.ts';
import { ModelError } from '../errors.ts';
import { textField } from '../field.ts';
import type { Desk } from './desk.ts';
import { type Finish, finishJob } from './finish.ts';

/** A request of the provider's: header names in small letters, the body byte by byte as it came. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/**
 * What became of a webhook. The provider sends one again, for up to 72 hours, that was not answered with
 * a status from 200 to 299.
 *
 * - 'forged' (401): signed by nobody we know, changed on its way, or older than 5 minutes.
 * - 'other' (200): of an event that means nothing here.
 * - 'open' (503): the provider tells of an end that it does not know of yet: it is to come again.
 * - 'failed' (503): the provider, the table or Step Functions could not be reached: it is to come again.
 * - all others (200): see `Finish` and `BatchLook`. A duplicate, a replay and somebody else's call are 'unknown'.
 */
export type WebhookOutcome = Finish | BatchLook | 'forged' | 'other' | 'failed';

export interface WebhookAnswer {
  readonly status: 200 | 401 | 503;
  readonly outcome: WebhookOutcome;
}

/** A response or a batch is over: https://platform.openai.com/docs/api-reference/webhook-events */
const endings = /^(response|batch)\.(completed|failed|incomplete|expired|cancelled)$/;

/** The calls of a batch are answered for so long; the minute does the rest. In milliseconds. */
const batchTime = 10_000;

/**
 * The verification of the openai package alone (20 KB), without its client: that wants a key, and this
 * function has no use for one before the signature is known to be good.
 */
const webhooks = new Webhooks({} as OpenAI);

/**
 * Takes a webhook. It is believed for its signature (Standard Webhooks: HMAC-SHA256 over id, time and raw
 * body, within 300 seconds) and for nothing else: the outcome is fetched from the provider. A replay
 * within the 300 seconds finds the job gone.
 */
export async function takeWebhook(
  request: WebhookRequest,
  secret: string,
  desk: Desk,
): Promise<WebhookAnswer> {
  const event = await verified(request, secret);
  if (event === null) return { status: 401, outcome: 'forged' };
  const id = textField(event, 'data', 'id');
  const [, what] = endings.exec(textField(event, 'type') ?? '') ?? [];
  if (what === undefined || id === undefined) return { status: 200, outcome: 'other' };
  try {
    const outcome = await (what === 'batch' ? batchOver(id, desk) : responseOver(id, desk));
    return { status: outcome === 'open' ? 503 : 200, outcome };
  } catch (error) {
    const why = error instanceof ModelError ? `${error.name}: ${error.message}` : nameOf(error);
    console.warn(`A webhook could not be dealt with and is to come again (${why}).`);
    return { status: 503, outcome: 'failed' };
  }
}

async function responseOver(id: string, desk: Desk): Promise<Finish> {
  const told = await desk.responses.retrieve(id, 'unknown');
  return told === null ? 'unknown' : finishJob(told, desk);
}

async function batchOver(id: string, desk: Desk): Promise<WebhookOutcome> {
  return hasBatches(desk) ? takeBatch(id, desk, desk.now() + batchTime) : 'other';
}

async function verified({ headers, body }: WebhookRequest, secret: string): Promise<unknown> {
  try {
    return await webhooks.unwrap(body, headers as Record<string, string>, secret);
  } catch {
    return null;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
