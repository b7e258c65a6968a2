import { PayloadError } from '../errors.ts';
import type { Json } from '../json.ts';
import { lineageOf } from '../run-name.ts';
import { type Found, type PayloadReference, referencesIn, sha256, tagOf } from './reference.ts';
import type { PayloadStore } from './store.ts';

/** Most values that are fetched at once. */
const atOnce = 16;

/**
 * The value with each reference replaced by what it stands for: whole where it is a text of its own, as
 * text inside of another one. Only references of the run's own lineage are followed; text that looks
 * like another's is left as it is. What a store gave is not looked into. Without references nothing is
 * read, and the value itself is given back.
 *
 * @param store called only where there is something to read
 * @throws PayloadError 'Payload.Missing', 'Payload.Unavailable'
 */
export async function resolvePayloads(
  value: Json,
  run: string,
  store: () => Promise<PayloadStore | null>,
): Promise<Json> {
  const prefix = lineageOf(run);
  const wanted = new Map<string, PayloadReference>();
  const tag = tagOf(prefix);
  for (const text of textsIn(value)) {
    for (const { reference } of referencesIn(text)) {
      if (reference.tag === tag) wanted.set(reference.sha256, reference);
    }
  }
  if (wanted.size === 0) return value;
  const contents = await fetchAll([...wanted.values()], prefix, store);
  const whole = (text: string): Json => {
    const found = referencesIn(text).filter(({ reference }) => reference.tag === tag);
    return found.length === 0 ? text : filled(text, found, contents);
  };
  return mapped(value, whole);
}

async function fetchAll(
  references: readonly PayloadReference[],
  prefix: string,
  open: () => Promise<PayloadStore | null>,
): Promise<ReadonlyMap<string, Json>> {
  const store = await open();
  if (store === null) {
    throw new PayloadError(
      'Payload.Unavailable',
      'The input refers to values that were put aside, and no store is named by CLOUDGATHER_PAYLOADS. Set it as where they were put aside.',
    );
  }
  const contents = new Map<string, Json>();
  const waiting = [...references];
  const fetchNext = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      contents.set(next.sha256, await fetchOne(next, prefix, store));
    }
  };
  await Promise.all(references.slice(0, atOnce).map(fetchNext));
  return contents;
}

async function fetchOne(
  reference: PayloadReference,
  prefix: string,
  store: PayloadStore,
): Promise<Json> {
  const { kind, sha256: hash, size } = reference;
  const content = await store.get(prefix, hash);
  if (content === null || sha256(content) !== hash) {
    const why = content === null ? 'is not there, or may not be read' : 'is damaged';
    throw new PayloadError(
      'Payload.Missing',
      `A value of ${size} bytes that an earlier step put aside (${prefix}/${hash}) ${why}. It is kept 90 days in AWS, and here as long as its folder. Run the step again.`,
    );
  }
  return kind === 'text' ? content : (JSON.parse(content) as Json);
}

/** A text with what its references stand for. */
function filled(text: string, found: readonly Found[], contents: ReadonlyMap<string, Json>): Json {
  const [first] = found;
  if (found.length === 1 && first?.from === 0 && first.to === text.length && first.depth === 0) {
    return contents.get(first.reference.sha256) ?? null;
  }
  let result = '';
  let at = 0;
  for (const { reference, from, to, depth } of found) {
    const value = contents.get(reference.sha256) ?? null;
    // In JSON text, an object takes the place of the text that stood for it, with its quotes.
    const quote = depth === 0 ? '' : `${'\\'.repeat(2 ** (depth - 1) - 1)}"`;
    const start = from - quote.length;
    const isAlone =
      quote !== '' &&
      start >= at &&
      text.slice(start, from) === quote &&
      text.startsWith(quote, to);
    const isQuoted = isAlone && typeof value !== 'string';
    const plain = typeof value === 'string' ? value : JSON.stringify(value);
    result += text.slice(at, isQuoted ? start : from);
    result += escaped(plain, isQuoted ? depth - 1 : depth);
    at = isQuoted ? to + quote.length : to;
  }
  return result + text.slice(at);
}

/** Text as it stands in JSON text, in JSON text in JSON text, and so on. */
function escaped(text: string, depth: number): string {
  let result = text;
  for (let left = depth; left > 0; left -= 1) result = JSON.stringify(result).slice(1, -1);
  return result;
}

function* textsIn(value: Json): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) yield* textsIn(child);
  }
}

function mapped(value: Json, text: (text: string) => Json): Json {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapped(item, text));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, mapped(child, text)]),
  );
}
