import type { Json } from '../../json.ts';
import { Cursor } from '../jsonpath/cursor.ts';
import { PathInvalid } from '../jsonpath/invalid.ts';
import { readPath } from '../jsonpath/parse.ts';
import { IntrinsicInvalid } from './invalid.ts';

/** A call as parsed. */
export interface CallSyntax {
  /** The text of the call: 'States.Array($.a)'. */
  readonly text: string;
  /** The name without `States.`. */
  readonly name: string;
  readonly args: readonly ArgumentSyntax[];
}

export type ArgumentSyntax =
  | { readonly kind: 'literal'; readonly value: Json; readonly raw: string }
  | { readonly kind: 'path'; readonly text: string }
  | { readonly kind: 'call'; readonly call: CallSyntax };

/** AWS docs, "Intrinsic functions": up to 10 in one field, one in another. */
const NESTING = 10;
const NAME = /States\.([A-Za-z0-9]+)/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /(?:true|false|null)\b/y;
/** What is not an escape ends the text: AWS refuses `\"` and `\n` (as two characters). */
const TEXT = /'((?:[^'\\]|\\['{}\\])*)'/y;

/** Parses a whole text as one call. Throws `IntrinsicInvalid`. */
export function parseCall(text: string): CallSyntax {
  const cursor = new Cursor(text);
  try {
    const call = readCall(cursor, 1);
    cursor.skipBlanks();
    if (!cursor.done) {
      throw cursor.invalid(`unexpected '${cursor.peek()}'`);
    }
    return call;
  } catch (error) {
    throw error instanceof PathInvalid ? new IntrinsicInvalid(text, error.reason) : error;
  }
}

function readCall(cursor: Cursor, depth: number): CallSyntax {
  if (depth > NESTING) {
    throw cursor.invalid(`more than ${NESTING} functions are nested`);
  }
  const start = cursor.position;
  const name = cursor.match(NAME);
  if (name === undefined) {
    throw cursor.invalid("a function's name, 'States. ...', is missing");
  }
  cursor.skipBlanks();
  cursor.expect('(');
  const args: ArgumentSyntax[] = [];
  for (cursor.skipBlanks(); !cursor.take(')'); cursor.skipBlanks()) {
    if (args.length > 0) {
      cursor.expect(',');
      cursor.skipBlanks();
    }
    args.push(readArgument(cursor, depth));
  }
  return {
    text: cursor.text.slice(start, cursor.position),
    name: name.slice('States.'.length),
    args,
  };
}

function readArgument(cursor: Cursor, depth: number): ArgumentSyntax {
  const start = cursor.position;
  if (cursor.peek() === '$') {
    readPath(cursor);
    return { kind: 'path', text: cursor.text.slice(start, cursor.position) };
  }
  if (cursor.peek() === 'S') {
    return { kind: 'call', call: readCall(cursor, depth + 1) };
  }
  const text = cursor.match(TEXT);
  if (text !== undefined) {
    const raw = text.slice(1, -1);
    return { kind: 'literal', value: raw.replace(/\\(['{}\\])/g, '$1'), raw };
  }
  const scalar = cursor.match(WORD) ?? cursor.match(NUMBER);
  if (scalar === undefined) {
    throw cursor.invalid('an argument is missing or is not a string, a number, a path or a call');
  }
  return { kind: 'literal', value: JSON.parse(scalar) as Json, raw: scalar };
}
