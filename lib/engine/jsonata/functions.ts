import { createHash } from 'node:crypto';
import { JavaRandom } from './java-random.ts';
import { ELEMENTS, MEMORY_EXCEEDED } from './limits.ts';

/** What the functions that are not pure read from. */
export interface Surroundings {
  readonly now: () => number;
  readonly random: () => number;
}

/** A function as the package registers it: `this` is the focus, with the environment. */
export interface AddedFunction {
  readonly name: string;
  readonly signature: string;
  readonly implementation: (this: Focus, ...args: never[]) => unknown;
}

interface Focus {
  readonly environment: { lookup(name: string): unknown };
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/**
 * What Step Functions adds to JSONata 2.0.6 (AWS docs: "Transforming data with JSONata", "Functions"),
 * and what it changes: `$random` takes a seed, `$now` and `$millis` read the run's clock.
 */
export function addedFunctions(around: () => Surroundings): readonly AddedFunction[] {
  return [
    { name: 'partition', signature: '<a-n:a<a>>', implementation: partition },
    { name: 'range', signature: '<n-nn:a<n>>', implementation: range },
    { name: 'hash', signature: '<s-s?:s>', implementation: hash },
    { name: 'parse', signature: '<s-:x>', implementation: parse },
    {
      name: 'random',
      signature: '<n?:n>',
      implementation: (seed?: number) => random(around, seed),
    },
    { name: 'uuid', signature: '<:s>', implementation: () => uuid(around().random) },
    { name: 'millis', signature: '<:n>', implementation: () => around().now() },
    {
      name: 'now',
      signature: '<s?s?:s>',
      implementation: function now(this: Focus, picture?: string, timezone?: string) {
        const fromMillis = this.environment.lookup('fromMillis') as {
          implementation: (millis: number, picture?: string, timezone?: string) => string;
        };
        return fromMillis.implementation(around().now(), picture, timezone);
      },
    },
  ];
}

/** Chunks of `size`, rounded towards zero; a list of lists even when there is one chunk. */
function partition(array: readonly unknown[] | undefined, size: number | undefined): unknown {
  if (array === undefined || size === undefined) {
    return undefined;
  }
  const width = Math.trunc(size);
  if (width < 0) {
    throw new Error('The chunk size of the partition function must be a positive number');
  }
  if (width === 0 || array.length === 0) {
    return undefined;
  }
  const chunks: unknown[] = [];
  for (let start = 0; start < array.length; start += width) {
    chunks.push(array.slice(start, start + width));
  }
  return chunks;
}

/** first, first+step, ... up to and including last; a JSONata sequence, so one number alone is itself. */
function range(first?: number, last?: number, step?: number): unknown {
  if (first === undefined || last === undefined || step === undefined) {
    return undefined;
  }
  const [from, to, by] = [Math.trunc(first), Math.trunc(last), Math.trunc(step)];
  if (by === 0) {
    return undefined;
  }
  const count = Math.floor((to - from) / by) + 1;
  if (count > ELEMENTS) {
    throw new Error(MEMORY_EXCEEDED);
  }
  const numbers: number[] & { sequence?: boolean } = [];
  for (let index = 0; index < count; index += 1) {
    numbers.push(from + index * by);
  }
  numbers.sequence = true;
  return numbers;
}

function hash(text: string | undefined, algorithm = 'SHA-256'): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const name = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined;
  if (name === undefined) {
    throw new Error(
      `The hash function does not know the algorithm '${algorithm}': use ${Object.keys(HASHES).join(', ')}`,
    );
  }
  return createHash(name).update(text, 'utf8').digest('hex');
}

function parse(text: string | undefined): unknown {
  if (text === undefined) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The parse function was given a string that is not valid JSON');
  }
}

function random(around: () => Surroundings, seed: number | undefined): number {
  return seed === undefined
    ? around().random()
    : new JavaRandom(BigInt(Math.trunc(seed))).nextDouble();
}

/** A version 4 UUID out of the run's randomness, so that a seeded run repeats it. */
export function uuid(next: () => number): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (mark) => {
    const digit = Math.floor(next() * 16);
    return (mark === 'x' ? digit : (digit & 3) | 8).toString(16);
  });
}
