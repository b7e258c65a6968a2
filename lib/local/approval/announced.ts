import { type ApprovalNotice, noticeSource, noticeType } from '../../approval/notice.ts';
import { checkLink } from '../../callback/signed-link.ts';
import type { JsonObject } from '../../json.ts';

/** Told of a question that waits for a person: once, and again after the run was taken up anew. */
export type ApprovalListener = (notice: ApprovalNotice) => void;

interface Entry {
  readonly Source?: unknown;
  readonly DetailType?: unknown;
  readonly Detail?: unknown;
}

/**
 * EventBridge's PutEvents, as far as approvals need it: the announcements go to `listener`. Whoever
 * announces must know what links are signed with, for anything on this machine can reach the door.
 */
export function putEvents(
  body: JsonObject,
  linkSecret: string,
  listener: ApprovalListener,
): object {
  const entries = (Array.isArray(body.Entries) ? body.Entries : []) as readonly Entry[];
  const results = entries.map(({ Source, DetailType, Detail }, index) => {
    const notice =
      Source === noticeSource && DetailType === noticeType ? noticeIn(Detail, linkSecret) : null;
    if (!notice) return { ErrorCode: 'NotServedHere' };
    listener(notice);
    return { EventId: String(index) };
  });
  return {
    FailedEntryCount: results.filter((result) => !('EventId' in result)).length,
    Entries: results,
  };
}

function noticeIn(detail: unknown, secret: string): ApprovalNotice | null {
  const notice = JSON.parse(String(detail)) as ApprovalNotice;
  const url = URL.parse(notice.link);
  if (!url) return null;
  const { searchParams, pathname } = url;
  const given = {
    path: pathname,
    expires: searchParams.get('expires'),
    signature: searchParams.get('signature'),
  };
  return checkLink(given, secret) === 'good' ? notice : null;
}
