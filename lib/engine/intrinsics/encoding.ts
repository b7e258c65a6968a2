import { createHash } from 'node:crypto';
import type { Json } from '../../json.ts';
import { type Intrinsic, IntrinsicError, stringArgument } from './intrinsic.ts';

const LENGTH = 10_000;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

/** Base64 and hashes, of at most 10,000 characters. */
export const encodingIntrinsics: Readonly<Record<string, Intrinsic>> = {
  Base64Encode: {
    arity: [1, 1],
    apply: (args) => Buffer.from(stringArgument(args, 0, LENGTH), 'utf8').toString('base64'),
  },
  Base64Decode: { arity: [1, 1], apply: decode },
  Hash: { arity: [2, 2], apply: hash },
};

function decode(args: readonly Json[]): Json {
  const text = stringArgument(args, 0, LENGTH);
  if (!BASE64.test(text)) {
    throw new IntrinsicError('Argument 1 is not a Base64 string');
  }
  return Buffer.from(text, 'base64').toString('utf8');
}

/** Of a string's characters, or of any other value's JSON text. */
function hash(args: readonly Json[]): Json {
  const data = typeof args[0] === 'string' ? args[0] : JSON.stringify(args[0]);
  const text = stringArgument([data], 0, LENGTH);
  const algorithm = ALGORITHMS.get(stringArgument(args, 1));
  if (algorithm === undefined) {
    throw new IntrinsicError(`The algorithm must be one of ${[...ALGORITHMS.keys()].join(', ')}`);
  }
  return createHash(algorithm).update(text, 'utf8').digest('hex');
}
