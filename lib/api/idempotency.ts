import { createHash } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { isRunId } from '../run/id.ts';

/**
 * The run id that an `Idempotency-Key` header stands for: the key itself where it may name a run, and
 * otherwise 'key-' and its SHA-256. The quotes of a structured header (IETF draft
 * httpapi-idempotency-key-header) are taken off.
 *
 * @throws UsageError for a key that is empty or longer than 255 characters.
 */
export function runIdOf(key: string): string {
  const bare = /^"(.*)"$/.exec(key)?.[1] ?? key;
  if (bare.length === 0 || bare.length > 255) {
    throw new UsageError(
      `The header Idempotency-Key has ${bare.length} characters; allowed are 1 to 255. ` +
        'A UUID is a good key.',
    );
  }
  if (isRunId(bare)) return bare;
  return `key-${createHash('sha256').update(bare).digest('base64url')}`;
}
