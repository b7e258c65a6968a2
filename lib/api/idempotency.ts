import { createHash } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { isRunId } from '../run/id.ts';
import { longestRunName, watchedMark } from '../run-name.ts';

/**
 * The run id that an `Idempotency-Key` header stands for: the key itself where it may name a run, and
 * otherwise 'key-' and its SHA-256. The quotes of a structured header (IETF draft
 * httpapi-idempotency-key-header) are taken off.
 *
 * @param watch the run is watched, and its id has to have room for saying so
 * @throws UsageError for a key that is empty or longer than 255 characters.
 */
export function runIdOf(key: string, watch = false): string {
  const bare = /^"(.*)"$/.exec(key)?.[1] ?? key;
  if (bare.length === 0 || bare.length > 255) {
    throw new UsageError(
      `The header Idempotency-Key has ${bare.length} characters; allowed are 1 to 255. ` +
        'A UUID is a good key.',
    );
  }
  const room = watch ? longestRunName - watchedMark.length : longestRunName;
  if (isRunId(bare) && bare.length <= room) return bare;
  return `key-${createHash('sha256').update(bare).digest('base64url')}`;
}
