import { afterlifeSeconds, approvalRows } from '../../approval/approval-row.ts';
import { approvalPath } from '../../approval/ask.ts';
import { noticeOf } from '../../approval/notice.ts';
import { signedPath } from '../../callback/signed-link.ts';
import type { HistoryEvent } from '../../engine/history/event.ts';
import { approvalsIn } from '../../run/approval.ts';
import type { ApprovalListener } from './announced.ts';

/**
 * Keeps again what a run of an earlier process waits to be answered: that process had the rows in its
 * memory. The link is a new one, since this process is called back elsewhere; it is announced again.
 * @param variables what the function of an approval is told
 */
export async function restoreApprovals(
  events: readonly HistoryEvent[],
  variables: Readonly<Record<string, string>>,
  listener: ApprovalListener,
): Promise<void> {
  const rows = approvalRows(variables);
  const secret = variables.CLOUDGATHER_LINK_SECRET ?? '';
  for (const { approval, request, token } of approvalsIn(events)) {
    if (!approval.waits) continue;
    const { id } = approval;
    const until = Math.ceil(Date.parse(approval.until) / 1000);
    await rows.put({ id, token, request, until });
    const path = signedPath({ path: approvalPath(id), expires: until + afterlifeSeconds, secret });
    listener(noticeOf(id, request, until, `${variables.CLOUDGATHER_LINK_BASE}${path}`));
  }
}
