import { UsageError } from '../errors.ts';
import type { ApprovalAnswer } from '../run/approval.ts';

/** Characters of a comment, and of a name. */
const longestComment = 2_000;
const longestName = 100;

/** An answer in a request's body. Empty texts count as none. @throws UsageError */
export function approvalAnswerFrom(body: unknown): ApprovalAnswer {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof given.approved !== 'boolean') {
    throw new UsageError(
      'The answer does not say whether it is approved. Send { "approved": true } or { "approved": false }, with "comment" and "by" where you like.',
    );
  }
  return {
    approved: given.approved,
    comment: textIn(given.comment, 'comment', longestComment),
    by: textIn(given.by, 'by', longestName),
  };
}

function textIn(value: unknown, name: string, longest: number): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length > longest) {
    throw new UsageError(`The field "${name}" is not a text of at most ${longest} characters.`);
  }
  return value.trim() === '' ? null : value;
}
