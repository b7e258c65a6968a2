import type { Environment } from '../callback/aws-request.ts';
import { taskCallbacks } from '../callback/task-callbacks.ts';
import type { ApprovalAnswer } from '../run/approval.ts';
import { type ApprovalRow, approvalRows } from './approval-row.ts';
import { wholeRequest } from './whole-request.ts';

/** What became of an answer. */
export type Answered =
  | { readonly kind: 'taken'; readonly row: ApprovalRow }
  /** Another answer was there before: `row.answer`. */
  | { readonly kind: 'answered'; readonly row: ApprovalRow }
  /** The run no longer waits: the time was over, it was answered by another way, or it has ended. */
  | { readonly kind: 'over'; readonly row: ApprovalRow }
  | { readonly kind: 'unknown' };

/** Milliseconds after which whoever wrote an answer has told it, or broken off: functions end before. */
const tellingTime = 60_000;

/** Where links are answered. */
export interface AnswerDesk {
  /** Null when it is not known, or long over. */
  find(id: string): Promise<ApprovalRow | null>;
  /** Of any number of answers one is taken; a run takes it once, however often it is told. */
  answer(id: string, answer: ApprovalAnswer): Promise<Answered>;
}

/** @param environment CLOUDGATHER_RUN_TABLE, CLOUDGATHER_PAYLOADS, and where AWS's services are */
export function answerDesk(environment: Environment): AnswerDesk {
  const rows = approvalRows(environment);
  const callbacks = taskCallbacks(environment);
  const find = async (id: string): Promise<ApprovalRow | null> => {
    const row = await rows.find(id);
    return row && { ...row, request: await wholeRequest(row.request, environment) };
  };
  return {
    find,
    async answer(id, answer) {
      const first = await rows.answer(id, answer);
      const row = await find(id);
      if (!row?.answer) return { kind: 'unknown' };
      if (row.late) return { kind: 'over', row };
      const tell = () => callbacks.succeed(row.token, { ...row.answer, how: 'answered' });
      if (!first) {
        if (Date.now() - (row.answeredAt ?? 0) > tellingTime) await tell();
        return { kind: 'answered', row };
      }
      if (await tell()) return { kind: 'taken', row };
      await rows.noteLate(id);
      return { kind: 'over', row };
    },
  };
}
