import { ModelError, type ModelErrorName } from './errors.ts';
import { field, textField } from './field.ts';
import type { Provider } from './providers.ts';
import { retryAfterSeconds } from './retry-after.ts';

export interface FaultOf {
  readonly provider: Provider;
  readonly model: string;
  readonly baseURL: string;
  /** The names of the fields that were sent: the only ones that a message may quote. */
  readonly sent: readonly string[];
}

/** What a provider's error body says of the kind of error. Its words are matched, never repeated. */
interface Body {
  readonly code: string;
  readonly words: string;
  readonly param: string | undefined;
  readonly raw: unknown;
}

/** OpenRouter and some proxies answer 200 with an error in the body; null where there is none. */
export function faultInReply(reply: unknown, of: FaultOf): ModelError | null {
  const error = field(reply, 'error') ?? field(reply, 'choices', 0, 'error');
  if (error === undefined || error === null) return null;
  const code = field(error, 'code');
  const status = statusOfCode[String(code)] ?? Number(code);
  return statusFault(status >= 400 && status < 600 ? status : 502, error, undefined, of);
}

/** The Responses API names by a word why a response has failed (API reference, "error.code"). */
const statusOfCode: Readonly<Record<string, number>> = {
  rate_limit_exceeded: 429,
  server_error: 500,
  vector_store_timeout: 504,
  invalid_prompt: 400,
};

/**
 * A reply with a status that tells of a failure. `error` is its parsed body.
 */
export function statusFault(
  status: number,
  error: unknown,
  headers: Parameters<typeof retryAfterSeconds>[0],
  of: FaultOf,
): ModelError {
  const body = bodyOf(error);
  const retryAfter = retryAfterSeconds(headers, body.raw);
  const name = nameOf(status, body);
  return fault(of, name, status, sentence(name, status, body, of), retryAfter);
}

/** Status first, then what the provider's own code says more exactly. */
function nameOf(status: number, { code, words }: Body): ModelErrorName {
  // Words are trusted only where they stand first: further on they may be the prompt's own.
  if (status < 500 && emptyAccount.test(words)) return 'Model.QuotaExhausted';
  if (status === 429) {
    // Google calls a limit per minute "quota" too: only its daily one cannot be waited out.
    const spent = /insufficient_(quota|balance|credits)|billing|spend_limit|PerDay/;
    return spent.test(code) ? 'Model.QuotaExhausted' : 'Model.RateLimited';
  }
  if (status === 402) return 'Model.QuotaExhausted';
  if (status === 408 || status === 504 || status === 524) return 'Model.Timeout';
  if (status === 498 || status === 503 || status === 529) return 'Model.Overloaded';
  // 424: the model behind it failed (Bedrock, Groq's tools); 499: it gave up itself (Google).
  if (status >= 500 || [409, 424, 425, 499].includes(status)) return 'Model.Unavailable';
  if (status === 401 || /API_KEY_INVALID|invalid_api_key/.test(code)) return 'Model.Unauthorized';
  // xAI: 400, and the error is this sentence.
  if (/^Incorrect API key provided/.test(words)) return 'Model.Unauthorized';
  if (/content_filter|content_policy|moderation/.test(code)) {
    return 'Model.Refused';
  }
  if (status === 403) return 'Model.Unauthorized';
  if (/json_validate_failed|tool_use_failed/.test(code)) return 'Model.OutputInvalid';
  return 'Model.Rejected';
}

/** No money: Anthropic (400), xAI (403 and 429, where the error is the sentence itself). */
const emptyAccount =
  /^(Your credit balance is too low|Your newly created team doesn't have any credits|Your team \S{1,80} has either used all available credits|You have reached your specified API usage limits)/;

/** Too long: Anthropic, Google, Mistral, and those who repeat the words of OpenAI or OpenRouter, as vLLM does. */
const tooLong =
  /^(prompt is too long|The input token count|Prompt contains \d+ tokens|This (model|endpoint)'s maximum context length|Request too large for model)/;

function sentence(name: ModelErrorName, status: number, body: Body, of: FaultOf): string {
  const { provider, model, baseURL, sent } = of;
  const key = provider.keyVariables[0] ?? 'the key';
  const answered = `answered with status ${status}`;
  switch (name) {
    case 'Model.RateLimited':
      return `${answered}: too many requests or tokens at once for this account. Lower the concurrency or raise the account's limits.`;
    case 'Model.Overloaded':
      return `${answered}: the provider has no capacity now. Retry later or use another model.`;
    case 'Model.Timeout':
      return `${answered}: its server took too long. Retry, or ask for less.`;
    case 'Model.Unavailable':
      return `${answered}: the provider's server failed. Retry; if it stays, see ${provider.title}'s status page.`;
    case 'Model.QuotaExhausted':
      return `${answered}: the account has no money or no quota left. Check plan and billing at ${provider.title}.`;
    case 'Model.Unauthorized':
      return provider.auth === 'aws'
        ? `${answered}: the credentials, or ${key} where it is set, were refused or may not use this model. Check that the role allows bedrock:InvokeModel on it, that the account has access to the model in this region, and that the credentials have not expired.`
        : `${answered}: the key was refused or may not use this model. Check ${key} here, or the secret's value in AWS.`;
    case 'Model.Refused':
      return `${answered}: the provider's content rules stopped the request. Change the prompt.`;
    case 'Model.OutputInvalid':
      return `${answered}: the model's answer, or its call of a tool, was not the JSON that was asked for. Retry, or loosen the schema.`;
  }
  if (status === 404) {
    return `${answered}: there is no model ${JSON.stringify(model)} at ${new URL(baseURL).host}, or this key may not use it. Check the model's name and the base URL.`;
  }
  if (status >= 300 && status < 400) {
    return `${answered}, a redirect, which is not followed so that key and prompt stay with the host you named. Set the base URL to where it leads.`;
  }
  if (
    status === 413 ||
    /context_length|too_large|string_above_max/.test(body.code) ||
    tooLong.test(body.words)
  ) {
    return `${answered}: the request is too large for this model. Shorten the prompt or use a model with a larger context.`;
  }
  const culprit = sent.find((name) => body.param === name || body.param?.startsWith(`${name}.`));
  return culprit === undefined
    ? `${answered}: the request was refused. Check the model's options (temperature, maxOutputTokens, output, extra) against ${provider.title}'s documentation.`
    : `${answered}: the field ${culprit} was refused. Check it against ${provider.title}'s documentation for this model.`;
}

function bodyOf(error: unknown): Body {
  // Google answers with a list that holds the error.
  const inner = Array.isArray(error) ? (field(error, 0, 'error') ?? error[0]) : error;
  const raw = field(inner, 'error') ?? inner;
  const google = [0, 1, 2].flatMap((index) => [
    textField(raw, 'details', index, 'reason') ?? '',
    ...[0, 1, 2].map(
      (place) => textField(raw, 'details', index, 'violations', place, 'quotaId') ?? '',
    ),
  ]);
  // OpenRouter says why a prompt was flagged.
  const moderated = field(raw, 'metadata', 'reasons') === undefined ? undefined : 'moderation';
  const code = [
    moderated,
    textField(raw, 'code'),
    textField(raw, 'type'),
    textField(raw, 'status'),
    ...google,
  ];
  return {
    code: code
      .filter((part) => part !== undefined)
      .join(' ')
      .trim(),
    // xAI's error, and LM Studio's, is a text and no object.
    words: typeof raw === 'string' ? raw : (textField(raw, 'message') ?? ''),
    param: textField(raw, 'param'),
    raw,
  };
}

/** An error that begins with the provider's and the model's name. */
export function fault(
  of: FaultOf,
  name: ModelErrorName,
  status: number | null,
  words: string,
  retryAfter: number | null = null,
): ModelError {
  const wait = retryAfter === null ? '' : ` Retry after ${retryAfter} seconds.`;
  const { model } = of;
  const provider = of.provider.name;
  return new ModelError(name, `${provider}:${model} ${words}${wait}`, {
    provider,
    model,
    status,
    retryAfter,
  });
}
