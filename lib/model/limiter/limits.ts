import type { Provider } from '../providers.ts';

/** What an account may do with one model. What is absent is not limited. */
export interface Limits {
  readonly requestsPerMinute?: number;
  /** Input and output together. */
  readonly tokensPerMinute?: number;
  /** Calls at the same time. */
  readonly inFlight?: number;
}

/**
 * The limits of each provider's lowest paid tier, as their pages said on 2026-04-15: a first guess that
 * holds until the first reply, whose headers tell the account's own. Only providers with such headers
 * are in here, and only their own addresses are meant: a proxy has limits of its own.
 */
const firstGuess: Readonly<Record<string, Limits>> = {
  openai: { requestsPerMinute: 500, tokensPerMinute: 200_000 },
  anthropic: { requestsPerMinute: 50, tokensPerMinute: 40_000 },
  groq: { requestsPerMinute: 30, tokensPerMinute: 6_000 },
};

/** The table's limits for a provider at that address. */
export function guessedLimits(provider: Provider, baseURL: string): Limits {
  return baseURL === provider.baseURL ? (firstGuess[provider.name] ?? {}) : {};
}

/** What a reply's headers say of the account's limits, and of how much is left of them now. */
export interface ToldLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly remainingRequests?: number;
  readonly remainingTokens?: number;
}

/** Names of the headers: OpenAI's, which most copy; then Anthropic's. */
const headerNames: Readonly<Record<keyof ToldLimits, readonly string[]>> = {
  requestsPerMinute: ['x-ratelimit-limit-requests', 'anthropic-ratelimit-requests-limit'],
  tokensPerMinute: ['x-ratelimit-limit-tokens', 'anthropic-ratelimit-tokens-limit'],
  remainingRequests: ['x-ratelimit-remaining-requests', 'anthropic-ratelimit-requests-remaining'],
  remainingTokens: ['x-ratelimit-remaining-tokens', 'anthropic-ratelimit-tokens-remaining'],
};

/** Groq docs, "Rate limits": its headers for requests are those of the day. */
const perDay = new Set(['groq']);

export function toldLimits(
  headers: { get(name: string): string | null },
  provider: string,
): ToldLimits {
  const entries = Object.entries(headerNames).flatMap(([key, names]) => {
    if (perDay.has(provider) && (key === 'requestsPerMinute' || key === 'remainingRequests'))
      return [];
    const texts = names.map((name) => headers.get(name)).filter((text) => text !== null);
    const number = Number(texts[0]?.trim() || Number.NaN);
    return Number.isFinite(number) && number >= 0 ? [[key, number] as const] : [];
  });
  const told = Object.fromEntries(entries) as ToldLimits;
  // A limit of nothing is none: some proxies send it.
  return told.requestsPerMinute === 0 || told.tokensPerMinute === 0 ? {} : told;
}
