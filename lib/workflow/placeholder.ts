import { randomBytes } from 'node:crypto';
import type { SymbolicInfo } from './symbolic-value.ts';

/**
 * A template literal wants text now, so a symbolic value gives a placeholder that is found again when
 * the text is passed to a step, as CDK does with its tokens. The nonce is new in every process: no
 * prompt can contain one by accident or by intent.
 */
const nonce = randomBytes(8).toString('hex');
const known: SymbolicInfo[] = [];
const pattern = new RegExp(`\\[\\[${nonce}:(\\d+)\\]\\]`, 'g');

export function placeholderFor(info: SymbolicInfo): string {
  const at = known.indexOf(info);
  if (at >= 0) return `[[${nonce}:${at}]]`;
  known.push(info);
  return `[[${nonce}:${known.length - 1}]]`;
}

/** The text's literal parts and symbolic values in order; null where it holds no placeholder. */
export function splitPlaceholders(text: string): (string | SymbolicInfo)[] | null {
  if (!text.toLowerCase().includes(nonce)) return null;
  const parts: (string | SymbolicInfo)[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const info = known[Number(match[1])];
    if (!info) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(info);
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** Whether a piece of a placeholder is left: the text was cut, cased or encoded after it was made. */
export function holdsBrokenPlaceholder(text: string): boolean {
  return text.toLowerCase().includes(nonce);
}

/** The text with its placeholders written as `${path}`, for messages and names. */
export function readable(text: string): string {
  const parts = splitPlaceholders(text);
  if (!parts) return text;
  return parts.map((part) => (typeof part === 'string' ? part : `\${${part.text}}`)).join('');
}
