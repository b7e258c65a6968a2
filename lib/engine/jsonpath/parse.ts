import { Cursor } from './cursor.ts';
import { parseFilter } from './parse-filter.ts';
import { isPathFunction } from './path-function.ts';
import type { PathRoot, PathSyntax, PathToken } from './token.ts';

/** What ends a name after a dot; a blank in it is refused, as Jayway does: `['my name']` says it. */
const NAME = /[^.[\]()\s'"@,:?*=<>!&|]+/y;
const IDENTIFIER = /[\p{L}_][\p{L}\p{N}_]*/uy;
const INTEGER = /-?\d+/y;

/** Parses a whole text as a path. Throws `PathInvalid`. */
export function parsePath(text: string): PathSyntax {
  const cursor = new Cursor(text);
  const path = readPath(cursor);
  if (!cursor.done) {
    throw cursor.invalid(`unexpected '${cursor.peek()}'`);
  }
  return path;
}

/** Reads the path that starts at the cursor and stops behind it. */
export function readPath(cursor: Cursor): PathSyntax {
  const root = readRoot(cursor);
  const tokens: PathToken[] = [];
  for (;;) {
    if (cursor.take('..')) {
      tokens.push({ kind: 'scan' }, readAfterScan(cursor));
    } else if (cursor.take('.')) {
      tokens.push(readAfterDot(cursor));
    } else if (cursor.peek() === '[') {
      tokens.push(readBracket(cursor));
    } else {
      break;
    }
  }
  checkFunctions(cursor, tokens);
  return { root, tokens: tokens.map((token, index) => asLeaf(token, index === tokens.length - 1)) };
}

/** `['a','b']` means one object at the end of a path, and each of them before it. */
function asLeaf(token: PathToken, leaf: boolean): PathToken {
  return token.kind === 'properties' ? { ...token, leaf } : token;
}

function readRoot(cursor: Cursor): PathRoot {
  if (cursor.take('@')) {
    return { kind: 'current' };
  }
  if (!cursor.take('$')) {
    throw cursor.invalid("a path starts with '$'");
  }
  if (cursor.take('$')) {
    return { kind: 'context' };
  }
  const name = cursor.match(IDENTIFIER);
  return name === undefined ? { kind: 'input' } : { kind: 'variable', name };
}

function readAfterScan(cursor: Cursor): PathToken {
  return cursor.peek() === '[' ? readBracket(cursor) : readAfterDot(cursor);
}

function readAfterDot(cursor: Cursor): PathToken {
  if (cursor.take('*')) {
    return { kind: 'wildcard' };
  }
  if (cursor.peek() === '[') {
    return readBracket(cursor);
  }
  const name = cursor.match(NAME);
  if (name === undefined) {
    throw cursor.invalid('a name is missing');
  }
  if (!cursor.take('(')) {
    return { kind: 'property', name };
  }
  cursor.skipBlanks();
  cursor.expect(')');
  if (!isPathFunction(name)) {
    throw cursor.invalid(`'${name}()' is not a function`);
  }
  return { kind: 'function', name };
}

function readBracket(cursor: Cursor): PathToken {
  cursor.expect('[');
  cursor.skipBlanks();
  const token = readBracketed(cursor);
  cursor.skipBlanks();
  cursor.expect(']');
  return token;
}

function readBracketed(cursor: Cursor): PathToken {
  if (cursor.take('*')) {
    return { kind: 'wildcard' };
  }
  if (cursor.take('?')) {
    cursor.skipBlanks();
    cursor.expect('(');
    const filter = parseFilter(cursor, readPath);
    cursor.skipBlanks();
    cursor.expect(')');
    return { kind: 'filter', filter };
  }
  if (cursor.peek() === "'" || cursor.peek() === '"') {
    const names = readList(cursor, () => readName(cursor));
    return names.length === 1
      ? { kind: 'property', name: names[0]! }
      : { kind: 'properties', names, leaf: false };
  }
  return readIndices(cursor);
}

function readName(cursor: Cursor): string {
  if (cursor.peek() !== "'" && cursor.peek() !== '"') {
    throw cursor.invalid('a quoted name is missing');
  }
  return cursor.quoted();
}

function readIndices(cursor: Cursor): PathToken {
  const from = cursor.peek() === ':' ? undefined : readInteger(cursor);
  cursor.skipBlanks();
  if (cursor.take(':')) {
    cursor.skipBlanks();
    const to = readOptionalInteger(cursor);
    cursor.skipBlanks();
    if (cursor.take(':')) {
      // A step is read and has no effect, as in Jayway.
      cursor.skipBlanks();
      readOptionalInteger(cursor);
    }
    return {
      kind: 'slice',
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
  }
  const indices = [from!];
  while (cursor.take(',')) {
    cursor.skipBlanks();
    indices.push(readInteger(cursor));
    cursor.skipBlanks();
  }
  return indices.length === 1
    ? { kind: 'index', index: indices[0]! }
    : { kind: 'indices', indices };
}

function readList<Item>(cursor: Cursor, read: () => Item): Item[] {
  const items = [read()];
  cursor.skipBlanks();
  while (cursor.take(',')) {
    cursor.skipBlanks();
    items.push(read());
    cursor.skipBlanks();
  }
  return items;
}

function readInteger(cursor: Cursor): number {
  const number = readOptionalInteger(cursor);
  if (number === undefined) {
    throw cursor.invalid('an index, a quoted name, a slice, * or ?() is missing');
  }
  return number;
}

function readOptionalInteger(cursor: Cursor): number | undefined {
  const digits = cursor.match(INTEGER);
  return digits === undefined ? undefined : Number(digits);
}

function checkFunctions(cursor: Cursor, tokens: readonly PathToken[]): void {
  const at = tokens.findIndex((token) => token.kind === 'function');
  if (at >= 0 && at < tokens.length - 1) {
    throw cursor.invalid('a function can only stand at the end of a path');
  }
}
