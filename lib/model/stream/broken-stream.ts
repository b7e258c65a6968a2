import { ModelError } from '../errors.ts';
import { faultOf } from '../fault.ts';
import type { Spend } from '../spend.ts';
import { type FaultOf, fault } from '../status-fault.ts';

/** A stream that has ended before its answer was over. */
export class BrokenStream extends Error {
  override readonly name = 'BrokenStream';
  /** What had come until then, for what it says of the usage. */
  readonly reply: unknown;

  /** @param cause what the connection failed with; undefined: it was closed as if all were well */
  constructor(reply: unknown, cause?: unknown) {
    super('The stream has ended before its answer was over.', { cause });
    this.reply = reply;
  }
}

/** @param spend where what had come until then tells it */
export function brokenStream(
  { cause }: BrokenStream,
  of: FaultOf,
  spend: Spend | null,
): ModelError {
  const cut = 'broke off in the middle of its answer. Retry; the call may have been paid for.';
  const error = cause === undefined ? fault(of, 'Model.Unavailable', 200, cut) : faultOf(cause, of);
  return new ModelError(error.name, error.message, { ...error, spend });
}
