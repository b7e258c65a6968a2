import type { Json } from '../json.ts';
import { StateFailure } from './failure.ts';

/** AWS's limit for a state's input, output or result: 256 KiB of UTF-8. */
export const PAYLOAD_LIMIT = 262_144;

/** Nesting that is still read: deeper JSON would exhaust the stack of whoever walks it. */
export const DEPTH_LIMIT = 1_000;

/**
 * JSON on its way from state to state: the value and its text, each made from the other when first
 * asked for, so that the text of the size check serves the history too. Values are never changed.
 */
export class Payload {
  #value: Json | undefined;
  #text: string | undefined;
  #fits = false;

  private constructor(value: Json | undefined, text: string | undefined) {
    this.#value = value;
    this.#text = text;
  }

  static ofValue(value: Json): Payload {
    return new Payload(value, undefined);
  }

  /** Both halves are known; the caller vouches that they agree. */
  static of(value: Json, text: string): Payload {
    return new Payload(value, text);
  }

  /**
   * Reads JSON text. Throws `SyntaxError` when it is not JSON and `RangeError` when it nests deeper
   * than 1,000 levels.
   */
  static ofText(text: string): Payload {
    checkDepth(text);
    return new Payload(JSON.parse(text) as Json, text);
  }

  /** The JSON array of these payloads; its text is joined from theirs. */
  static ofList(items: readonly Payload[]): Payload {
    return new Payload(
      items.map((item) => item.value),
      `[${items.map((item) => item.text).join(',')}]`,
    );
  }

  get value(): Json {
    if (this.#value === undefined) this.#value = JSON.parse(this.#text as string) as Json;
    return this.#value;
  }

  get text(): string {
    this.#text ??= stringify(this.#value as Json);
    return this.#text;
  }

  /** True up to 256 KiB of UTF-8. */
  get fits(): boolean {
    this.#fits ||= fitsBytes(this.text, PAYLOAD_LIMIT);
    return this.#fits;
  }

  /** This payload when `value` is its value, otherwise a new one: keeps the text where it can. */
  with(value: Json): Payload {
    return value === this.#value ? this : new Payload(value, undefined);
  }
}

/** Whether `text` takes at most `limit` bytes of UTF-8; counts bytes only where the length leaves doubt. */
export function fitsBytes(text: string, limit: number): boolean {
  if (text.length * 3 <= limit) return true;
  return text.length <= limit && Buffer.byteLength(text) <= limit;
}

function stringify(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StateFailure(
      'States.Runtime',
      'The JSON value nests too deep to be written as text.',
    );
  }
}

/** Throws `RangeError` when the JSON text nests deeper than 1,000 levels. */
export function checkDepth(text: string): void {
  if (text.length < 2 * DEPTH_LIMIT) return;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 92) i++;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 91 || code === 123) {
      if (++depth > DEPTH_LIMIT)
        throw new RangeError(`JSON nests deeper than ${DEPTH_LIMIT} levels`);
    } else if (code === 93 || code === 125) depth--;
  }
}
