import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CloudgatherError } from '../errors.ts';
import { ModelError, type ModelErrorJson } from '../model/errors.ts';
import type { ModelRequest } from '../model/request.ts';
import type { ModelResult } from '../model/result.ts';
import { requestKey, type TestModel } from './scripted-model.ts';

/** One answered call. `key` is a hash: a cassette holds answers, and no prompt. */
type Recorded =
  | { readonly key: string; readonly result: ModelResult }
  | { readonly key: string; readonly error: ModelErrorJson };

/** A test made a call that its cassette does not hold. */
export class CassetteMiss extends CloudgatherError {
  constructor(message: string, options?: ErrorOptions) {
    super('CassetteMiss', message, options);
  }
}

/**
 * Records every call of a model, failed ones too; `save` writes them, each a line of JSON. Whoever asks
 * the same again gets the next answer that was given to it.
 */
export function recordCassette(path: string, model: TestModel): TestModel & { save(): void } {
  const tape: Recorded[] = [];
  return {
    async answer(request, at) {
      const key = hashOf(request, at.provider);
      try {
        const result = await model.answer(request, at);
        tape.push({ key, result });
        return result;
      } catch (error) {
        if (error instanceof ModelError) tape.push({ key, error: error.toJSON() });
        throw error;
      }
    },
    save() {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, tape.map((recorded) => `${JSON.stringify(recorded)}\n`).join(''));
    },
  };
}

/**
 * Answers from a cassette, bit for bit, in the order of the recording for each request, on no network.
 * @throws CassetteMiss for a call that it does not hold, or holds no more often; at once for a file that
 *   is not there or is no cassette
 */
export function replayCassette(path: string): TestModel & { readonly left: number } {
  const tape = new Map<string, Recorded[]>();
  for (const recorded of recordedIn(path)) {
    tape.set(recorded.key, [...(tape.get(recorded.key) ?? []), recorded]);
  }
  return {
    get left() {
      return [...tape.values()].reduce((sum, { length }) => sum + length, 0);
    },
    async answer(request, at) {
      const recorded = tape.get(hashOf(request, at.provider))?.shift();
      if (recorded === undefined) {
        throw new CassetteMiss(
          `The cassette ${path} holds no such call of ${at.provider}:${request.model}, or holds it less often. If the workflow was changed on purpose, record it anew.`,
        );
      }
      if ('result' in recorded) return recorded.result;
      throw ModelError.fromJSON(recorded.error);
    },
  };
}

function recordedIn(path: string): readonly Recorded[] {
  if (!existsSync(path)) {
    throw new CassetteMiss(
      `There is no cassette ${path}. Record one: recordCassette(path, model), a run with it, and save().`,
    );
  }
  try {
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Recorded);
  } catch (cause) {
    throw new CassetteMiss(
      `The cassette ${path} cannot be read: it has one line of JSON for each call. Record it anew.`,
      { cause },
    );
  }
}

/** What decides on the answer. Where the call stands among others, and how long it may take, does not. */
function hashOf(whole: ModelRequest, provider: string): string {
  const { payload: _, timeoutSeconds: __, reuse: ___, ...request } = whole;
  return createHash('sha256')
    .update(`${provider}:${requestKey(request)}`)
    .digest('hex');
}
