import type { Json, JsonObject } from '../json.ts';
import type { Price, Usage } from '../model/result.ts';

/** '0.31 s', '12.4 s', '3 min 05 s'. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** '1,204 tokens'. */
export function tokens(usage: Usage): string {
  return `${usage.totalTokens.toLocaleString('en-US')} tokens`;
}

/** '$0.0012': four digits below a dollar, two above. */
export function dollars(price: Price): string {
  return `$${price.usd.toFixed(price.usd < 1 ? 4 : 2)}`;
}

/** Takes terminal control sequences out of text that somebody else wrote. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/**
 * A run's output for people: text as paragraphs, records by their names, the slots of a gather with
 * returnExceptions by how they ended.
 */
export function readable(value: Json, indent = ''): string {
  if (typeof value === 'string') return paragraph(value, indent);
  if (typeof value !== 'object' || value === null) return `${indent}${JSON.stringify(value)}\n`;
  const settled = settledSlot(value);
  if (settled) return readable(settled.shown, indent);
  const entries: [string, Json][] = Array.isArray(value)
    ? value.map((item, index) => [`${index + 1}.`, item])
    : Object.entries(value);
  if (entries.length === 0) return `${indent}${Array.isArray(value) ? '[]' : '{}'}\n`;
  return entries.map(([name, child]) => field(printable(name), child, indent)).join('');
}

/**
 * The text, or as much of it as a terminal should be given at once.
 * @param most characters
 */
export function shown(text: string, most: number): string {
  if (text.length <= most) return text;
  const length = text.length.toLocaleString('en-US');
  return `${text.slice(0, most).toWellFormed()}\n... (cut: it has ${length} characters; --json prints all)\n`;
}

function field(name: string, value: Json, indent: string): string {
  const text = readable(value, `${indent}  `);
  const short = text.trim();
  const fits = !short.includes('\n') && indent.length + name.length + short.length < 90;
  return fits && !isNested(value) ? `${indent}${name} ${short}\n` : `${indent}${name}\n${text}`;
}

function isNested(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const settled = settledSlot(value);
  return settled ? isNested(settled.shown) : Object.keys(value).length > 0;
}

/** What to show of a slot of a gather with returnExceptions; null for any other value. */
function settledSlot(value: Json): { readonly shown: Json } | null {
  const slot = value as JsonObject;
  if (slot.status === 'fulfilled' && 'value' in slot) return { shown: slot.value ?? null };
  const reason = slot.reason as JsonObject | undefined;
  if (slot.status !== 'rejected' || typeof reason?.error !== 'string') return null;
  return { shown: `rejected: ${reason.error}${reason.cause ? `: ${String(reason.cause)}` : ''}` };
}

function paragraph(text: string, indent: string): string {
  const width = 96 - indent.length;
  const lines = printable(text)
    .split('\n')
    .flatMap((line) => wrap(line, width));
  return lines
    .map((line) => `${indent}${line}`.trimEnd())
    .join('\n')
    .concat('\n');
}

function wrap(line: string, width: number): string[] {
  const lines = [''];
  for (const word of line.split(' ')) {
    const last = lines.at(-1) ?? '';
    const joined = last === '' ? word : `${last} ${word}`;
    if (joined.length > width && last !== '') lines.push(word);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}
