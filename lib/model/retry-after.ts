import { textField } from './field.ts';

interface HeaderReader {
  get(name: string): string | null;
}

/**
 * Whole seconds to wait before the next call, as the response says, rounded up; null where it does not
 * say. Read in this order: `retry-after-ms` (OpenAI, Azure), `retry-after` in seconds or as an HTTP date
 * (RFC 9110, measured from the server's own `date` header so that a wrong clock here does no harm),
 * Google's `RetryInfo.retryDelay` in the body.
 */
export function retryAfterSeconds(headers: HeaderReader | undefined, body: unknown): number | null {
  const milliseconds = amount(headers?.get('retry-after-ms'));
  if (milliseconds !== null) return Math.ceil(milliseconds / 1000);
  const header = headers?.get('retry-after');
  return amount(header) ?? untilDate(header, headers?.get('date')) ?? googleDelay(body);
}

function amount(text: string | null | undefined): number | null {
  return text && /^\d{1,9}(\.\d+)?$/.test(text.trim()) ? Math.ceil(Number(text)) : null;
}

function untilDate(text: string | null | undefined, now: string | null | undefined): number | null {
  const then = /^[A-Z][a-z]{2,8}, /.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  if (Number.isNaN(then)) return null;
  const serverNow = Date.parse(now ?? '');
  const from = Number.isNaN(serverNow) ? Date.now() : serverNow;
  return Math.max(0, Math.ceil((then - from) / 1000));
}

function googleDelay(body: unknown): number | null {
  for (let index = 0; index < 10; index++) {
    const delay = textField(body, 'details', index, 'retryDelay');
    if (delay !== undefined) return amount(delay.replace(/s$/, ''));
  }
  return null;
}
