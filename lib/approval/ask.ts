import { randomBytes } from 'node:crypto';
import { awsService, type Environment } from '../callback/aws-request.ts';
import { linkSecret } from '../callback/link-secret.ts';
import { signedPath } from '../callback/signed-link.ts';
import { CloudgatherError } from '../errors.ts';
import type { ApprovalRequest } from '../run/approval.ts';
import { afterlifeSeconds, approvalRows } from './approval-row.ts';
import { type ApprovalNotice, noticeOf, noticeSource, noticeType } from './notice.ts';
import { wholeRequest } from './whole-request.ts';

/** What the document gives to the function of an approval. */
export interface Asking {
  /** The waiting task's. */
  readonly token: string;
  readonly approval: Omit<ApprovalRequest, 'details'> & Partial<Pick<ApprovalRequest, 'details'>>;
}

/** Asks: keeps the question, makes its link, announces it. What it gives is in the run's history. */
export type Asker = (asking: Asking) => Promise<{ readonly id: string; readonly until: string }>;

/** The path of an approval's link. */
export function approvalPath(id: string): string {
  return `/approvals/${id}`;
}

/**
 * - CLOUDGATHER_LINK_BASE: where links begin, without a slash at the end.
 * - CLOUDGATHER_LINK_SECRET_ARN, or on this machine CLOUDGATHER_LINK_SECRET: what signs them.
 * - CLOUDGATHER_RUN_TABLE: where the question waits for its answer.
 * - CLOUDGATHER_PAYLOADS: where large values are kept that it may refer to.
 *
 * The announcement is an event on the default bus of EventBridge.
 * @throws CloudgatherError 'Approval.Unavailable', 'Approval.NotAnnounced', 'Link.NoSecret': nobody
 * could answer, so the step fails at once
 */
export function asker(environment: Environment): Asker {
  const secretOf = linkSecret(environment);
  const rows = approvalRows(environment);
  const events = awsService('events', environment);
  return async ({ token, approval }) => {
    const request: ApprovalRequest = {
      ...approval,
      question:
        typeof approval.question === 'string'
          ? approval.question
          : JSON.stringify(approval.question),
      details: approval.details ?? null,
    };
    const id = randomBytes(24).toString('base64url');
    const until = Math.ceil(Date.now() / 1000) + request.timeoutSeconds;
    const secret = await secretOf();
    await rows.put({ id, token, request, until });
    const expires = until + afterlifeSeconds;
    const link = `${environment.CLOUDGATHER_LINK_BASE}${signedPath({ path: approvalPath(id), expires, secret })}`;
    // The details are not announced: the page has them.
    const shown = await wholeRequest({ ...request, details: null }, environment);
    const notice = noticeOf(id, shown, until, link);
    await announce(notice);
    return { id, until: notice.until };
  };

  async function announce(notice: ApprovalNotice): Promise<void> {
    const entry = {
      Source: noticeSource,
      DetailType: noticeType,
      Detail: JSON.stringify(notice),
    };
    const answer = await events('AWSEvents.PutEvents', { Entries: [entry] });
    const { FailedEntryCount = 0 } = (answer.body ?? {}) as { FailedEntryCount?: number };
    if (answer.ok && FailedEntryCount === 0) return;
    throw new CloudgatherError(
      'Approval.NotAnnounced',
      `EventBridge did not take the announcement of an approval: ${answer.ok ? 'it refused the entry' : answer.error}. Nobody was asked.`,
    );
  }
}
