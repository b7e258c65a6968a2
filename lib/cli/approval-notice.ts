import type { ApprovalNotice } from '../approval/notice.ts';
import { printable } from './format.ts';

/** What tells that a run waits for a person, and how to answer. */
export function approvalNotice({ run, step, question, link }: ApprovalNotice): string {
  return [
    `${printable(step)} waits for approval: ${printable(question)}`,
    `  answer at ${link}`,
    `  or by 'cloudgather approve ${run}${stepOption(step)}', with --reject to reject it`,
    '',
  ].join('\n');
}

/** Names the step where it can be written without a shell's quotes. */
function stepOption(step: string): string {
  return /^[\w.-]+$/.test(step) ? ` --step ${step}` : '';
}
