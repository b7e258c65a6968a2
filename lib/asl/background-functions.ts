import type { FunctionNeedBase, SubmitFunctionNeed } from './compiled.ts';

/** Takes a provider's webhooks: that a background call is over. */
export interface WebhookFunctionNeed extends Omit<FunctionNeedBase, 'placeholder'> {
  readonly kind: 'webhook';
  readonly provider: string;
  readonly baseURL?: string;
  readonly serves: string;
}

/** Looks after a provider's open background calls. */
export interface SweepFunctionNeed extends Omit<FunctionNeedBase, 'placeholder'> {
  readonly kind: 'sweep';
  readonly provider: string;
  readonly baseURL?: string;
}

/** An HTTP API waits 30 seconds for its integration. */
const webhookSeconds = 29;
/** A file of a batch is uploaded in two minutes at most, and then there are 5,000 calls to note. */
const sweepSeconds = 300;

/** The two functions that come with one that submits: 'model-openai-webhook', 'model-openai-sweep'. */
export function backgroundFunctions(
  need: SubmitFunctionNeed,
): readonly [WebhookFunctionNeed, SweepFunctionNeed] {
  const { provider, baseURL } = need;
  const at = { provider, ...(baseURL === undefined ? {} : { baseURL }) };
  return [
    {
      kind: 'webhook',
      name: `model-${provider}-webhook`,
      timeoutSeconds: webhookSeconds,
      answersTokens: true,
      serves: `webhooks/${provider}`,
      ...at,
    },
    {
      kind: 'sweep',
      name: `model-${provider}-sweep`,
      timeoutSeconds: sweepSeconds,
      answersTokens: true,
      ...at,
    },
  ];
}
