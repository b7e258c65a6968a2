import type { Json } from '../json.ts';
import type { Reference, Value } from '../workflow/graph.ts';
import { inertText, jsonataString } from './literal.ts';

/** Where a state can read a reference from: its own result, a variable, or the run's input. */
export interface Reader {
  /** The JSONata that gives the reference, or for a record's own result one per key. */
  read(reference: Reference): Source;
}

export type Source = string | { readonly record: readonly (readonly [string, string])[] };

/**
 * A value as it stands in a JSONata state: JSON, with `{% ... %}` where a run fills it in. Structure
 * stays JSON rather than becoming one expression: it reads better, and JSONata's own array constructor
 * would flatten the lists inside it.
 */
export function template(value: Value, reader: Reader): Json {
  switch (value.kind) {
    case 'literal':
      return typeof value.value === 'string' ? inertText(value.value) : value.value;
    case 'array':
      return value.items.map((item) => template(item, reader));
    case 'object':
      // fromEntries defines `__proto__` as an ordinary key.
      return Object.fromEntries(
        value.entries.map(([key, child]) => [key, template(child, reader)]),
      );
    case 'concat':
      return `{% ${concatenation(value.parts, reader)} %}`;
    default: {
      const source = reader.read(value);
      if (typeof source === 'string') return `{% ${source} %}`;
      return Object.fromEntries(source.record.map(([key, text]) => [key, `{% ${text} %}`]));
    }
  }
}

function concatenation(parts: readonly Value[], reader: Reader): string {
  const texts = parts.map((part) => {
    if (part.kind === 'literal') return jsonataString(String(part.value));
    return inline(reader.read(part as Reference));
  });
  // `&` makes text of both its sides; alone, a value needs `$string`.
  return texts.length === 1 && parts[0]?.kind !== 'literal'
    ? `$string(${texts[0]})`
    : texts.join(' & ');
}

function inline(source: Source): string {
  if (typeof source === 'string') return source;
  const fields = source.record.map(([key, text]) => `${jsonataString(key)}: ${text}`);
  return `{ ${fields.join(', ')} }`;
}

/** `base` followed by a path: `$answers.gpt[0].name`. */
export function pathExpression(base: string, path: readonly (string | number)[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !reserved.has(key)) return `${text}.${key}`;
    if (/^[^`\p{Cc}]+$/u.test(key) && !/\{%|%\}/.test(key)) return `${text}.\`${key}\``;
    return `$lookup(${text}, ${jsonataString(key)})`;
  }, base);
}

/** JSONata's word operators and literals would be read as such in some places. */
const reserved = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);
