import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import type { AnswerDesk } from '../approval/answer-desk.ts';
import type { ApprovalRow } from '../approval/approval-row.ts';
import { UsageError } from '../errors.ts';
import type { ApprovalAnswer } from '../run/approval.ts';
import { approvalAnswerFrom } from './approval-answer.ts';
import { answeredPage, notePage, pagePolicy, questionPage } from './approval-page.ts';

/** More than the longest comment takes in any encoding. */
const longestBody = 64 * 1024;

/**
 * The pages behind signed approval links, for whoever has one: an authorizer in front has checked the
 * signature. The same app on this machine and in AWS.
 *
 * | request | answer |
 * |---|---|
 * | GET /approvals/{id} | the question with a form, or what was answered; never answers by itself, since mail scanners open links |
 * | POST /approvals/{id} | 200 the answer is taken; 409 there is one already, and which; 410 the run no longer waits; 404 unknown |
 *
 * As HTML, or as JSON for who accepts that. A POST is a form (`decision` approve or reject, `comment`,
 * `by`) or JSON (`approved`, `comment`, `by`). Nothing may be stored, framed or told to other sites.
 */
export function createApprovalLinks(desk: AnswerDesk): Hono {
  const app = new Hono();
  app.use(secureHeaders({ referrerPolicy: 'no-referrer', xFrameOptions: 'DENY' }));
  app.use(async (c, next) => {
    await next();
    c.header('Content-Security-Policy', pagePolicy);
    c.header('Cache-Control', 'no-store');
    c.header('X-Robots-Tag', 'noindex');
  });
  app.onError((error, c) => {
    if (error instanceof UsageError) return note(c, 400, 'Not an answer', error.message);
    // Its own message may name tables and accounts; it holds no token and no question.
    console.error(error);
    const text = 'Your answer may not have been taken. Send it again in a while.';
    return note(c, 503, 'Not available now', text);
  });
  app.notFound((c) => note(c, 404, 'Not found', 'There is nothing at this address.'));
  app.get('/approvals/:id', async (c) => {
    const row = await desk.find(c.req.param('id'));
    if (!row) return unknown(c);
    if (wantsJson(c)) return c.json(shown(row));
    if (!row.answer) return c.html(questionPage(row));
    return c.html(answeredPage(row, row.late ? overTitle : 'This is answered'));
  });
  const limit = bodyLimit({
    maxSize: longestBody,
    onError: (c) => note(c, 413, 'Too long', `An answer has ${longestBody} bytes at most.`),
  });
  app.post('/approvals/:id', limit, async (c) => {
    const outcome = await desk.answer(c.req.param('id'), await answerIn(c));
    switch (outcome.kind) {
      case 'unknown':
        return unknown(c);
      case 'taken':
        return told(c, 200, outcome.row, 'Thank you: your answer is taken');
      case 'answered':
        return told(c, 409, outcome.row, 'This is answered already: your answer was not taken');
      case 'over':
        return told(c, 410, outcome.row, overTitle);
    }
  });
  return app;
}

const overTitle = 'The run no longer waits for an answer';

async function answerIn(c: Context): Promise<ApprovalAnswer> {
  if (/^application\/json\s*(;|$)/i.test(c.req.header('Content-Type') ?? '')) {
    return approvalAnswerFrom(await c.req.json().catch(() => null));
  }
  const { decision, comment, by } = await c.req.parseBody();
  const approved = decision === 'approve' ? true : decision === 'reject' ? false : undefined;
  return approvalAnswerFrom({ approved, comment, by });
}

function told(c: Context, status: 200 | 409 | 410, row: ApprovalRow, title: string) {
  if (wantsJson(c)) return c.json({ ...shown(row), message: `${title}.` }, status);
  return c.html(answeredPage(row, title), status);
}

/** All of a row but its token. */
function shown({ id, request, until, answer, late }: ApprovalRow) {
  const { workflow, run, step, question, details } = request;
  const untilTime = new Date(until * 1000).toISOString();
  const asked = { id, workflow, run, step, question, details, until: untilTime };
  return { ...asked, answer: late ? null : answer };
}

function unknown(c: Context) {
  const text = 'It may have been answered or given up a week ago or longer.';
  return note(c, 404, 'There is no such question', text);
}

function note(c: Context, status: 400 | 404 | 413 | 503, title: string, text: string) {
  if (wantsJson(c)) return c.json({ message: `${title}. ${text}` }, status);
  return c.html(notePage(title, text), status);
}

function wantsJson(c: Context): boolean {
  const supports = ['text/html', 'application/json'];
  return accepts(c, { header: 'Accept', supports, default: 'text/html' }) === 'application/json';
}
