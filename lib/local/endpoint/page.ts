import { type InputOf, optional, text, whole } from './field.ts';
import { invalidToken } from './service-error.ts';

/** AWS: 0 asks for the default, which is 100; at most 1,000. */
const DEFAULT_SIZE = 100;

/** A page of a thousand events of 256 KiB each would be more than a client can hold. */
const PAGE_BYTES = 4 * 1_048_576;

/** The members of an input that asks for a page. */
export const pageFields = {
  maxResults: optional(whole(0, 1_000)),
  nextToken: optional(text({ max: 1_024 })),
};

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

export interface PageOrder<T> {
  /** Whose tokens these are: a token of another list is refused. */
  readonly kind: string;
  /** What the items are sorted by; unique. */
  key(item: T): string;
  /** Default: ascending. */
  readonly descending?: boolean;
  /** Bytes that an item takes: a page ends before it grows over 4 MiB. Default: items are small. */
  size?(item: T): number;
}

/**
 * The next page of a sorted list. A token says which item came last, so items that were added or deleted
 * meanwhile make no gap and no repetition.
 * @throws ServiceError `InvalidToken` for a token of another list.
 */
export function page<T>(
  items: readonly T[],
  order: PageOrder<T>,
  input: InputOf<typeof pageFields>,
): Page<T> {
  const last = input.nextToken === undefined ? undefined : readToken(order.kind, input.nextToken);
  const start = last === undefined ? 0 : items.findIndex((item) => follows(order, item, last));
  const from = start < 0 ? items.length : start;
  const size = input.maxResults || DEFAULT_SIZE;
  const chosen = withinBytes(items.slice(from, from + size), order);
  const end = chosen.at(-1);
  if (end === undefined || from + chosen.length >= items.length) return { items: chosen };
  return { items: chosen, nextToken: makeToken(order.kind, order.key(end)) };
}

/** As many of the items as a page has room for; at least one. */
function withinBytes<T>(items: readonly T[], order: PageOrder<T>): readonly T[] {
  if (!order.size) return items;
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += order.size?.(item) ?? 0;
    return index > 0 && bytes > PAGE_BYTES;
  });
  return end < 0 ? items : items.slice(0, end);
}

function follows<T>({ key, descending }: PageOrder<T>, item: T, last: string): boolean {
  return descending ? key(item) < last : key(item) > last;
}

/** A number as a key: sorted as text it is sorted as a number. */
export function numberKey(value: number): string {
  return String(value).padStart(16, '0');
}

export function makeToken(kind: string, key: string): string {
  return Buffer.from(JSON.stringify([kind, key])).toString('base64url');
}

export function readToken(kind: string, token: string): string {
  try {
    const [of, key] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    if (of === kind && typeof key === 'string') return key;
  } catch {
    // Told below, as any other foreign token.
  }
  throw invalidToken('Invalid token');
}
