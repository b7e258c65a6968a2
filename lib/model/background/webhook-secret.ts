import type { Environment } from '../connection.ts';
import { forgetSecret, readSecret } from '../key.ts';

/** How often a webhook that looks forged makes the secret be read anew. */
const shortest = 60_000;

let readAt = 0;

/**
 * What the provider signs its webhooks with: CLOUDGATHER_WEBHOOK_SECRET (on this machine only), else the
 * value of the secret CLOUDGATHER_WEBHOOK_SECRET_ARN, kept for the life of the sandbox.
 * @throws ModelError when the secret cannot be read
 */
export async function webhookSecret(environment: Environment, provider: string): Promise<string> {
  const given = environment.CLOUDGATHER_WEBHOOK_SECRET;
  if (given) return given;
  const arn = environment.CLOUDGATHER_WEBHOOK_SECRET_ARN ?? '';
  readAt ||= Date.now();
  return readSecret(arn, environment, { provider, model: 'webhook' });
}

/**
 * The secret read anew, for a webhook that another one may have signed: it was changed. null: it was
 * read just now, so that whoever sends forged webhooks cannot make us read it each time.
 */
export async function changedSecret(
  environment: Environment,
  provider: string,
): Promise<string | null> {
  const arn = environment.CLOUDGATHER_WEBHOOK_SECRET_ARN;
  if (!arn || Date.now() - readAt < shortest) return null;
  readAt = 0;
  forgetSecret(arn);
  return webhookSecret(environment, provider);
}
