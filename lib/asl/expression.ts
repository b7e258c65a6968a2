import type { Json } from '../json.ts';
import type { Expression, Path, Reference, Value } from '../workflow/graph.ts';
import { inertText, jsonataString } from './literal.ts';

/** Where a state can read a reference from, as JSONata: its own result, a variable, the run's input. */
export interface Reader {
  read(reference: Reference): string;
  /** Reads what may be absent: an operand of `exists`, of an `and` that stops before it, of JSONata. */
  readonly guarded: Reader;
}

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
    default:
      return `{% ${expression(value, reader)} %}`;
  }
}

/** A value as a JSONata expression. */
export function expression(value: Value, reader: Reader): string {
  const inside = (child: Value): string => expression(child, reader);
  switch (value.kind) {
    case 'literal':
      return typeof value.value === 'string' ? jsonataString(value.value) : String(value.value);
    case 'object':
      return objectConstructor(value.entries.map(([key, child]) => [key, inside(child)]));
    case 'array':
      return arrayConstructor(value.items, reader);
    case 'concat':
      return concatenation(value.parts, reader);
    case 'operation':
    case 'jsonata':
      return computed(value, (child) => expression(child, readerInside(value, reader)));
    default:
      return reader.read(value);
  }
}

function readerInside(value: Expression, reader: Reader): Reader {
  const guards = value.kind === 'jsonata' || ['exists', 'and', 'or'].includes(value.operator);
  return guards ? reader.guarded : reader;
}

function objectConstructor(fields: readonly (readonly [string, string])[]): string {
  if (fields.length === 0) return '{}';
  return `{ ${fields.map(([key, text]) => `${jsonataString(key)}: ${text}`).join(', ')} }`;
}

/**
 * JSONata's `[$a, $b]` joins the lists that $a and $b hold; only what is written as a list stays one.
 * `$map` keeps each of its results whole, so lists of what a run knows are made by it.
 */
function arrayConstructor(items: readonly Value[], reader: Reader): string {
  const texts = items.map((item) => expression(item, reader));
  const safe = items.every(
    ({ kind }) => kind === 'literal' || kind === 'object' || kind === 'concat',
  );
  if (safe) return `[${texts.join(', ')}]`;
  // $filter would hand out a lone result without its list.
  const [only] = texts;
  if (texts.length === 1) return `($type(${only}) = 'array' ? [[${only}]] : [${only}])`;
  const cases = texts.map((text, index) => `$i = ${index} ? ${text}`).join(' : ');
  // The element in front keeps $map from handing out a lone result without its list.
  const all = ['0', ...items.map((_, index) => String(index))].join(', ');
  return `$filter($map([${all}], function($i, $at) { $at = 0 ? 0 : (${cases}) }), function($v, $at) { $at > 0 })`;
}

function concatenation(parts: readonly Value[], reader: Reader): string {
  const texts = parts.map((part) => {
    if (part.kind === 'literal') return jsonataString(String(part.value));
    const text = expression(part, reader);
    return part.kind === 'operation' || part.kind === 'jsonata' ? grouped(text) : text;
  });
  // `&` makes text of both its sides; alone, a value needs `$string`.
  return texts.length === 1 && parts[0]?.kind !== 'literal'
    ? `$string(${texts[0]})`
    : texts.join(' & ');
}

const infix: Readonly<Record<string, string>> = {
  eq: '=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  and: 'and',
  or: 'or',
};

function computed(value: Expression, inside: (child: Value) => string): string {
  const text = value.kind === 'jsonata' ? woven(value, inside) : operation(value, inside);
  return value.path.length === 0 ? text : pathExpression(grouped(text), value.path);
}

function woven(value: Expression & { kind: 'jsonata' }, inside: (child: Value) => string): string {
  return value.texts
    .map((text, index) => {
      const hole = value.values[index];
      return hole ? text + operand(hole, inside) : text;
    })
    .join('')
    .trim();
}

function operation(
  { operator, operands }: Expression & { kind: 'operation' },
  inside: (child: Value) => string,
): string {
  const texts = operands.map((child) => operand(child, inside));
  const [a = '', b = ''] = texts;
  switch (operator) {
    case 'ne':
      return `$not(${a} = ${b})`;
    case 'not':
      return `$not(${a})`;
    case 'exists':
      return `($exists(${a}) and $not(${a} = null))`;
    case 'includes':
      return `($type(${a}) = 'string' ? $contains(${a}, ${b}) : ${b} in ${a})`;
    case 'matches':
      return `$contains(${a}, ${patternOf(operands[1])})`;
    case 'and':
    case 'or':
      if (texts.length === 0) return String(operator === 'and');
      if (texts.length === 1) return `$boolean(${a})`;
      return texts.join(` ${infix[operator]} `);
    default:
      return `${a} ${infix[operator]} ${b}`;
  }
}

function patternOf(operand: Value | undefined): string {
  return operand?.kind === 'literal' ? String(operand.value) : '/(?!)/';
}

/** In brackets wherever another operator could take it apart. */
function operand(value: Value, inside: (child: Value) => string): string {
  const text = inside(value);
  const binary = value.kind === 'concat' || value.kind === 'operation' || value.kind === 'jsonata';
  return binary ? grouped(text) : text;
}

function grouped(text: string): string {
  return /^\$[\w.]+$/.test(text) || /^\$\w+\([^()]*\)$/.test(text) || /^\([^()]*\)$/.test(text)
    ? text
    : `(${text})`;
}

/** `base` followed by a path: `$answers.gpt[0].name`. */
export function pathExpression(base: string, path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !reserved.has(key)) return `${text}.${key}`;
    if (/^[^`\p{Cc}]+$/u.test(key) && !/\{%|%\}/.test(key)) return `${text}.\`${key}\``;
    return `$lookup(${text}, ${jsonataString(key)})`;
  }, base);
}

/** JSONata's word operators and literals would be read as such in some places. */
const reserved = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);
