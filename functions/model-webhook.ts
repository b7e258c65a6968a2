import { taskCallbacks } from '../lib/callback/task-callbacks.ts';
import { deskOf } from '../lib/model/background/function-desk.ts';
import { takeWebhook } from '../lib/model/background/webhook.ts';
import { changedSecret, webhookSecret } from '../lib/model/background/webhook-secret.ts';

/** What API Gateway's HTTP API sends (payload format 2.0), as far as it is read. */
export interface WebhookEvent {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/**
 * Takes a provider's webhook: that a background call is over. Answers `{ outcome }` with the status that
 * makes the provider send it again, or not.
 *
 * Environment: see `deskOf`; CLOUDGATHER_WEBHOOK_SECRET_ARN, or on this machine CLOUDGATHER_WEBHOOK_SECRET.
 */
export const handler = async (event: WebhookEvent) => {
  const desk = { ...deskOf(process.env), tokens: taskCallbacks(process.env) };
  const { headers, body: text = '', isBase64Encoded } = event;
  const body = isBase64Encoded ? Buffer.from(text, 'base64').toString() : text;
  const name = desk.provider.name;
  let answer = await takeWebhook({ headers, body }, await webhookSecret(process.env, name), desk);
  if (answer.outcome === 'forged') {
    const changed = await changedSecret(process.env, name);
    if (changed !== null) answer = await takeWebhook({ headers, body }, changed, desk);
  }
  const { status, outcome } = answer;
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ outcome }),
  };
};
