import { createHash } from 'node:crypto';
import type { Json } from '../json.ts';

/**
 * What stands in a run's data for a value that was put into the payload store: one text that says what
 * it is, where it is, and how it begins.
 *
 * `[[payload text 204800 0f3c.../9a1b... "The first two hundred characters"]]`
 *
 * A text, whatever it stands for, so that an expression may join it into a prompt or turn it into JSON
 * text and it is found again. The quotes around the preview tell how often it was made JSON text: each
 * time puts backslashes before them, and what takes its place is escaped as often.
 */
export interface PayloadReference {
  readonly kind: PayloadKind;
  /** Bytes of what is stored. */
  readonly size: number;
  /** Whose it is: see `tagOf`. Nothing else is read for another one. */
  readonly tag: string;
  /** SHA-256 of what is stored, hex: its name in the store. */
  readonly sha256: string;
}

/** 'text': the stored text is the value. 'json': it is JSON. */
export type PayloadKind = 'text' | 'json';

const opening = '[[payload ';
const pattern =
  /\[\[payload (text|json) (\d{1,15}) ([0-9a-f]{16})\/([0-9a-f]{64}) (\\*)"([^"\\]*)\5"\]\]/g;

/** Bytes that a preview has at most. */
const longestPreview = 200;
/** Bytes of JSON that a reference has without its preview, and some for a longer size. */
const bare = 125;

/** A value as it is stored, and the reference that takes its place. */
export interface Payload {
  readonly reference: PayloadReference;
  readonly content: string;
}

/** Who may read: 64 bits of the SHA-256 of the store's prefix. */
export function tagOf(prefix: string): string {
  return sha256(prefix).slice(0, 16);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function payloadOf(value: Json, tag: string): Payload {
  // Half of a surrogate pair has no UTF-8; JSON has an escape for it.
  const isText = typeof value === 'string' && value.isWellFormed();
  const content = isText ? value : JSON.stringify(value);
  const size = Buffer.byteLength(content);
  const kind = isText ? 'text' : 'json';
  return { reference: { kind, size, tag, sha256: sha256(content) }, content };
}

/** Bytes of JSON that a reference has at most, by the share that it has to fit in. */
export function referenceSize(share: number): number {
  return bare + previewLength(share);
}

export function writeReference({ reference, content }: Payload, share: number): string {
  const { kind, size, tag, sha256: hash } = reference;
  return `${opening}${kind} ${size} ${tag}/${hash} "${previewOf(content, previewLength(share))}"]]`;
}

/** A reference in a text: where it stands, and how often it was made JSON text. */
export interface Found {
  readonly reference: PayloadReference;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/** The references in a text, of whomever. */
export function referencesIn(text: string): Found[] {
  if (!text.includes(opening)) return [];
  return [...text.matchAll(pattern)].map((match) => {
    const [whole, kind, size, tag = '', hash = '', slashes = ''] = match;
    const from = match.index;
    return {
      reference: { kind: kind as PayloadKind, size: Number(size), tag, sha256: hash },
      from,
      to: from + whole.length,
      depth: Math.round(Math.log2(slashes.length + 1)),
    };
  });
}

function previewLength(share: number): number {
  return Math.max(0, Math.min(longestPreview, Math.floor(share / 8) - 20));
}

/** Quotes and backslashes would be escaped, and their number tells the depth. */
function previewOf(content: string, length: number): string {
  const start = content
    .slice(0, 2 * length)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .toWellFormed();
  let shown = '';
  let bytes = 0;
  for (const character of start) {
    bytes += Buffer.byteLength(character);
    if (bytes > length) break;
    shown += character;
  }
  return shown;
}
