import type { Unusable, Usable } from './answer.ts';
import { ModelError } from './errors.ts';
import type { Reply } from './reply.ts';
import type { ModelRequest } from './request.ts';
import type { ModelResult } from './result.ts';
import type { Spend } from './spend.ts';
import { noUsage } from './usage.ts';

/** One call, as it stands when its last reply has come. */
export interface Answered {
  readonly reply: Reply;
  readonly request: ModelRequest;
  readonly provider: string;
  readonly requestId: string | null;
  /** Of all attempts; null: no reply said. */
  readonly spend: Spend | null;
  readonly attempts: number;
  /** Milliseconds since the first request. */
  readonly latency: number;
}

/** The result of a call, the same in every lane. */
export function resultOf({ output, toolCalls }: Usable, of: Answered): ModelResult {
  return {
    object: 'model.result',
    output,
    toolCalls,
    usage: of.spend?.usage ?? noUsage,
    price: of.spend?.price ?? null,
    model: of.reply.model ?? of.request.model,
    provider: of.provider,
    finishReason: of.reply.finishReason,
    requestId: of.requestId,
    attempts: of.attempts,
    latency: Math.round(of.latency),
  };
}

/** The error of a call whose last answer cannot be used. */
export function unusable(
  { problem, mend }: Unusable,
  provider: string,
  request: ModelRequest,
  attempts: number,
): ModelError {
  const said =
    request.output === undefined
      ? `gave an answer that cannot be used: it ${problem}`
      : `was asked for ${request.output.name}, but the answer ${problem}`;
  const times = attempts === 1 ? '' : ` So it was ${attempts} times.`;
  return new ModelError(
    'Model.OutputInvalid',
    `${provider}:${request.model} ${said}.${times} ${mend}`,
    { provider, model: request.model, status: 200 },
  );
}
