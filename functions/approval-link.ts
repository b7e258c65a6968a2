import { handle } from 'hono/aws-lambda';
import { createApprovalLinks } from '../lib/api/approval-links.ts';
import { answerDesk } from '../lib/approval/answer-desk.ts';

/** The pages behind approval links. A request comes here when its link's signature was found good. */
export const handler = handle(createApprovalLinks(answerDesk(process.env)));
