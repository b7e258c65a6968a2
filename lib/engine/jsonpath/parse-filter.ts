import type { Json } from '../../json.ts';
import { BoundedRegExp } from '../jsonata/regular-expression.ts';
import type { Cursor } from './cursor.ts';
import { FILTER_OPERATORS, type Filter, type FilterOperator, type Operand } from './filter.ts';
import type { PathSyntax } from './token.ts';

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const PATTERN = /\/((?:\\.|[^/\\])*)\/([imsu]*)/y;
/** Nested parentheses and negations. */
const DEPTH = 100;

/** Reads a path at the cursor: given, because a path holds filters and a filter paths. */
export type ReadPath = (cursor: Cursor) => PathSyntax;

/** Reads the condition between the parentheses of a filter. Throws `PathInvalid`. */
export function parseFilter(cursor: Cursor, readPath: ReadPath, depth = 0): Filter {
  if (depth > DEPTH) {
    throw cursor.invalid('the filter is nested too deeply');
  }
  return readSeries(cursor, '||', 'or', () =>
    readSeries(cursor, '&&', 'and', () => readTerm(cursor, readPath, depth)),
  );
}

function readSeries(
  cursor: Cursor,
  operator: string,
  kind: 'and' | 'or',
  read: () => Filter,
): Filter {
  const filters = [read()];
  cursor.skipBlanks();
  while (cursor.take(operator)) {
    filters.push(read());
    cursor.skipBlanks();
  }
  return filters.length === 1 ? filters[0]! : { kind, filters };
}

function readTerm(cursor: Cursor, readPath: ReadPath, depth: number): Filter {
  cursor.skipBlanks();
  if (cursor.take('!')) {
    return { kind: 'not', filter: readTerm(cursor, readPath, depth + 1) };
  }
  if (cursor.take('(')) {
    const filter = parseFilter(cursor, readPath, depth + 1);
    cursor.skipBlanks();
    cursor.expect(')');
    return filter;
  }
  const left = readOperand(cursor, readPath);
  cursor.skipBlanks();
  const operator = FILTER_OPERATORS.find((name) => cursor.take(name)) as FilterOperator | undefined;
  if (operator !== undefined) {
    cursor.skipBlanks();
    return { kind: 'comparison', operator, left, right: readOperand(cursor, readPath) };
  }
  if (left.kind !== 'path') {
    throw cursor.invalid('a comparison is missing');
  }
  return { kind: 'exists', path: left.path };
}

function readOperand(cursor: Cursor, readPath: ReadPath): Operand {
  const next = cursor.peek();
  if (next === '@' || next === '$') {
    return { kind: 'path', path: readPath(cursor) };
  }
  if (next === "'" || next === '"') {
    return { kind: 'literal', value: cursor.quoted() };
  }
  if (next === '/') {
    return { kind: 'pattern', pattern: readPattern(cursor) };
  }
  if (next === '[') {
    return { kind: 'literal', value: readArray(cursor) };
  }
  return { kind: 'literal', value: readScalar(cursor) };
}

function readScalar(cursor: Cursor): Json {
  const word = cursor.match(WORD);
  if (word !== undefined) {
    return JSON.parse(word) as Json;
  }
  const number = cursor.match(NUMBER);
  if (number === undefined) {
    throw cursor.invalid('a path, a string, a number, true, false or null is missing');
  }
  return Number(number);
}

function readArray(cursor: Cursor): Json {
  cursor.expect('[');
  const items: Json[] = [];
  for (cursor.skipBlanks(); !cursor.take(']'); cursor.skipBlanks()) {
    if (items.length > 0) {
      cursor.expect(',');
      cursor.skipBlanks();
    }
    const quoted = cursor.peek() === "'" || cursor.peek() === '"';
    items.push(quoted ? cursor.quoted() : readScalar(cursor));
  }
  return items;
}

/** The pattern must match the whole text, as in Java's `matches`. */
function readPattern(cursor: Cursor): RegExp {
  const text = cursor.match(PATTERN);
  const parts = text === undefined ? undefined : /^\/(.*)\/([imsu]*)$/s.exec(text);
  if (!parts) {
    throw cursor.invalid('a regular expression does not end');
  }
  try {
    return new BoundedRegExp(new RegExp(`^(?:${parts[1]})$`, parts[2]));
  } catch {
    throw cursor.invalid('the regular expression is not valid');
  }
}
