import type { ApprovalRequest } from '../run/approval.ts';

/** The detail-type of the event by which a question is announced, and its source. */
export const noticeType = 'Cloudgather Approval Requested';
export const noticeSource = 'cloudgather';

/** Characters of a question in a notice: an event holds 256 KB. The page shows the whole. */
const longestQuestion = 20_000;

/** What is announced: who asks, what, and where to answer. The link is for whoever may answer. */
export interface ApprovalNotice {
  /** The approval's. */
  readonly id: string;
  readonly workflow: string;
  readonly run: string;
  readonly step: string;
  readonly question: string;
  /** ISO 8601, UTC. */
  readonly until: string;
  readonly link: string;
}

/** @param until seconds since the epoch */
export function noticeOf(
  id: string,
  { workflow, run, step, question }: ApprovalRequest,
  until: number,
  link: string,
): ApprovalNotice {
  const shown =
    question.length > longestQuestion ? `${question.slice(0, longestQuestion)}...` : question;
  return {
    id,
    workflow,
    run,
    step,
    question: shown,
    until: new Date(until * 1000).toISOString(),
    link,
  };
}
