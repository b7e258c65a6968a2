import { field, textField } from './field.ts';

interface HeaderReader {
  get(name: string): string | null;
}

/** A Standard workflow lives a year at most (AWS: quotas): whoever says more means something else. */
const longest = 31_536_000;

/**
 * Whole seconds to wait before the next call, as the response says, rounded up; null where it does not
 * say, or says what no run could wait for: more than a year, less than nothing, no number. The first of:
 *
 * 1. `retry-after-ms` (OpenAI, Azure)
 * 2. `retry-after`: seconds, or a date (RFC 9110 in its three forms, or ISO 8601), measured from the
 *    server's own `date` header so that a wrong clock here does no harm
 * 3. Google's `RetryInfo.retryDelay` in the body
 * 4. `x-ratelimit-reset`, as a header (Together) or as OpenRouter hands it on in the body's
 *    `metadata.headers`: seconds, or the moment in seconds or milliseconds since the epoch
 * 5. the sentence in the message: "Please try again in 7m12.5s" (OpenAI, Groq), "retry after 26
 *    seconds" (Azure), "Please retry in 34.07s" (Google)
 *
 * `x-ratelimit-reset-requests` and `-tokens` are not read: they say when a bucket is full again, and a
 * call needs a small part of one.
 */
export function retryAfterSeconds(headers: HeaderReader | undefined, body: unknown): number | null {
  const now = serverNow(headers?.get('date'));
  const header = headers?.get('retry-after');
  const reset = headers?.get('x-ratelimit-reset') ?? openRouterReset(body);
  const milliseconds = amount(headers?.get('retry-after-ms'));
  const told = [
    milliseconds === null ? null : milliseconds / 1000,
    amount(header),
    untilDate(header, now),
    googleDelay(body),
    untilReset(amount(reset), now),
    inWords(textField(body, 'message')),
  ].find((seconds) => seconds !== null);
  if (told === undefined || told === null) return null;
  const seconds = Math.ceil(Number(told.toFixed(3)));
  return seconds <= longest ? Math.max(0, seconds) : null;
}

function serverNow(date: string | null | undefined): number {
  const now = Date.parse(date ?? '');
  return Number.isNaN(now) ? Date.now() : now;
}

function amount(text: string | null | undefined): number | null {
  return text && /^\d{1,15}(\.\d+)?$/.test(text.trim()) ? Number(text) : null;
}

function untilDate(text: string | null | undefined, now: number): number | null {
  const words = text?.trim() ?? '';
  // 'Wed, 21 Oct 2026 07:28:00 GMT', 'Wednesday, 21-Oct-26 07:28:00 GMT', 'Wed Oct 21 07:28:00 2026'
  const isDate = /^[A-Z][a-z]{2,8},? /.test(words);
  const isIso = /^\d{4}-\d\d-\d\dT/.test(words);
  if (!isDate && !isIso) return null;
  const isZoned = isIso || /(GMT|UTC|[+-]\d{4})$/.test(words);
  const then = Date.parse(isZoned ? words : `${words} GMT`);
  return Number.isNaN(then) ? null : Math.max(0, (then - now) / 1000);
}

function googleDelay(body: unknown): number | null {
  for (let index = 0; index < 10; index++) {
    const delay = textField(body, 'details', index, 'retryDelay');
    if (delay !== undefined) return amount(delay.replace(/s$/, ''));
  }
  return null;
}

function openRouterReset(body: unknown): string | null {
  const reset = field(body, 'metadata', 'headers', 'X-RateLimit-Reset');
  return typeof reset === 'string' || typeof reset === 'number' ? String(reset) : null;
}

/** A moment since the epoch is told from a delay by its size: nobody waits a year. */
function untilReset(reset: number | null, now: number): number | null {
  if (reset === null || reset <= longest) return reset;
  const then = reset > 100_000_000_000 ? reset : reset * 1000;
  return Math.max(0, (then - now) / 1000);
}

const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

function inWords(message: string | undefined): number | null {
  const sentence = /\b(?:try again|retry) (?:in|after) ((?:\d{1,9}(?:\.\d{1,9})?(?:ms|[hms]))+)/i;
  const plain = /\b(?:try again|retry) (?:in|after) (\d{1,9}(?:\.\d{1,9})?) (second|minute|hour)/i;
  const [, number, unit = ''] = plain.exec(message ?? '') ?? [];
  if (number !== undefined) return Number(number) * (units[unit.charAt(0).toLowerCase()] ?? 1);
  const [, told] = sentence.exec(message ?? '') ?? [];
  if (told === undefined) return null;
  const parts = [...told.matchAll(/([\d.]+)(ms|[hms])/gi)];
  return parts.reduce(
    (sum, part) => sum + Number(part[1]) * (units[part[2]?.toLowerCase() ?? ''] ?? 0),
    0,
  );
}
