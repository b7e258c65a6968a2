import { createHash } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { longestRunName, reusingName, watchedMark, watchedName } from '../run-name.ts';
import type { StartOptions } from './runner.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeCharacters = 10;
const randomCharacters = 16;

let last = { time: 0, random: 0n };

/**
 * A new run id: 26 characters, 48 bits of time and then 80 of chance, in Crockford's base 32 (the
 * form of a ULID). Ids made later sort later, also within one millisecond of one process. Every id is
 * a valid execution name.
 *
 * @param now Milliseconds since the epoch. Default: the clock.
 */
export function newRunId(now: number = Date.now()): string {
  // A clock that stands still or goes back must not make two ids change places.
  last =
    now > last.time
      ? { time: now, random: randomBits() }
      : { time: last.time, random: last.random + 1n };
  return encode(BigInt(last.time), timeCharacters) + encode(last.random, randomCharacters);
}

/** True for a name that Step Functions takes and that needs no escaping in a URL or an ARN. */
export function isRunId(id: string): boolean {
  return /^[0-9A-Za-z_-]{1,80}$/.test(id);
}

/**
 * The id itself, when it may name a run.
 *
 * @throws UsageError when it is empty, longer than 80 characters or holds any other character (AWS
 * docs: StartExecution `name`).
 */
export function checkRunId(id: string): string {
  if (isRunId(id)) return id;
  throw new UsageError(
    `A run cannot be named by this id of ${id.length} characters. ` +
      'A run id has 1 to 80 characters out of 0-9, A-Z, a-z, "-" and "_". ' +
      'Leave it out to get a new one.',
  );
}

/**
 * The id of a run that is started: the one that is given or a new one; or made from that of the run
 * whose answers it reuses. It says so where somebody watches.
 *
 * @throws UsageError when the given id cannot be one, or has no room for saying so.
 */
export function startId({ id, watch = false, reuse }: StartOptions): string {
  const own = id === undefined ? newRunId() : checkRunId(id);
  const base = reuse === undefined ? own : reusingName(checkRunId(reuse), tailOf(own, id));
  const name = watch ? watchedName(base) : base;
  if (name.length <= longestRunName) return name;
  throw new UsageError(
    `The run cannot be watched under this id of ${base.length} characters: "${watchedMark}" is added ` +
      `to it, and a run id has at most ${longestRunName}. Choose a shorter one.`,
  );
}

/** Ten characters for a new run's id; of an id that was given, always the same ones. */
function tailOf(own: string, given: string | undefined): string {
  if (given === undefined) return own.slice(-10);
  const bytes = createHash('sha256').update(given).digest();
  return encode(bytes.readBigUInt64BE(), 10);
}

/** 79 bits, so that counting up within a millisecond never overflows the 80 that are written. */
function randomBits(): bigint {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(10));
  const bits = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return bits >> 1n;
}

function encode(value: bigint, length: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < length; i += 1) {
    text = alphabet[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return text;
}
