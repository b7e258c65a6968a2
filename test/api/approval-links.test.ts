import { describe, expect, it } from 'vitest';
import { createApprovalLinks } from '../../lib/api/approval-links.ts';
import type { Answered } from '../../lib/approval/answer-desk.ts';
import type { ApprovalRow } from '../../lib/approval/approval-row.ts';
import type { ApprovalAnswer } from '../../lib/run/approval.ts';

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>&'\u2028{{7*7}}`;

const row: ApprovalRow = {
  id: 'a1',
  token: 'token-canary',
  request: {
    workflow: 'panel',
    run: 'r1',
    step: hostile,
    question: hostile,
    details: { [hostile]: [hostile, 1, null, { deep: hostile }] },
    timeoutSeconds: 60,
  },
  until: 1_800_000_000,
  answer: null,
  answeredAt: null,
  late: false,
};

/** The pages over one row; what comes is kept. */
function pages(found: ApprovalRow | null = row, outcome?: Answered['kind']) {
  const given: ApprovalAnswer[] = [];
  const app = createApprovalLinks({
    find: async () => found,
    answer: async (_, answer) => {
      given.push(answer);
      if (!found) return { kind: 'unknown' };
      return { kind: outcome ?? 'taken', row: { ...found, answer: found.answer ?? answer } };
    },
  });
  return { app, given };
}

const path = '/approvals/a1?signature=s';
const json = { accept: 'application/json', 'content-type': 'application/json' };

describe('the page of an approval', () => {
  it('shows hostile text as text', async () => {
    const page = await (await pages().app.request(path)).text();
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThanOrEqual(5);
    expect(page).not.toContain('token-canary');
  });

  it('loads nothing, runs nothing, is framed by nobody, kept nowhere and told to no other site', async () => {
    const { headers } = await pages().app.request(path);
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex',
    });
  });

  it('has a language, a title, one main heading, and a label for each field', async () => {
    const page = await (await pages().app.request(path)).text();
    expect(page).toMatch(/<html lang="en">/);
    expect(page).toMatch(/<title>[^<]+<\/title>/);
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page.match(/<label>[^<]+<(textarea|input)/g)).toHaveLength(2);
  });

  it('is JSON for who accepts that, without the token', async () => {
    const response = await pages().app.request(path, { headers: { accept: 'application/json' } });
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const body = await response.json();
    expect(body).toEqual({
      id: 'a1',
      workflow: 'panel',
      run: 'r1',
      step: hostile,
      question: hostile,
      details: row.request.details,
      until: '2027-01-15T08:00:00.000Z',
      answer: null,
    });
  });

  it('takes a form and JSON alike', async () => {
    const { app, given } = pages();
    const body = new URLSearchParams({ decision: 'reject', comment: hostile, by: '' });
    const page = await (await app.request(path, { method: 'POST', body })).text();
    expect(page).not.toContain('<script');
    const answer = { approved: true, comment: 'Fine.', by: 'Ada' };
    const sent = { method: 'POST', headers: json, body: JSON.stringify(answer) };
    expect((await app.request(path, sent)).status).toBe(200);
    expect(given).toEqual([{ approved: false, comment: hostile, by: null }, answer]);
  });

  it.each([
    ['no decision', new URLSearchParams({ comment: 'Hm.' })],
    ['another decision', new URLSearchParams({ decision: 'maybe' })],
    [
      'a comment without end',
      new URLSearchParams({ decision: 'reject', comment: 'x'.repeat(2001) }),
    ],
    ['a name without end', new URLSearchParams({ decision: 'reject', by: 'x'.repeat(101) })],
  ])('rejects %s, and asks nobody', async (_, body) => {
    const { app, given } = pages();
    expect((await app.request(path, { method: 'POST', body })).status).toBe(400);
    expect(given).toEqual([]);
  });

  it.each(['true', 'null', '{', '{"approved":"yes"}', '{"approved":true,"comment":{}}'])(
    'rejects the JSON %s',
    async (body) => {
      const response = await pages().app.request(path, { method: 'POST', headers: json, body });
      expect(response.status).toBe(400);
    },
  );

  it('rejects a body that is too long', async () => {
    const body = JSON.stringify({ approved: true, comment: 'x'.repeat(100_000) });
    const response = await pages().app.request(path, { method: 'POST', headers: json, body });
    expect(response.status).toBe(413);
  });

  it.each([
    ['answered', 409],
    ['over', 410],
    ['unknown', 404],
  ] as const)('tells an answer that is %s by status %i', async (kind, status) => {
    const { app } = pages(kind === 'unknown' ? null : row, kind);
    const body = new URLSearchParams({ decision: 'approve' });
    expect((await app.request(path, { method: 'POST', body })).status).toBe(status);
  });

  it('says that it is not known, and what is no page', async () => {
    expect((await pages(null).app.request(path)).status).toBe(404);
    expect((await pages().app.request('/other')).status).toBe(404);
  });

  it('says nothing of its inside when it fails', async () => {
    const desk = { find: async () => Promise.reject(new Error('inside')), answer: neverAsked };
    const app = createApprovalLinks(desk);
    const errors = console.error;
    console.error = () => {};
    const response = await app.request(path);
    console.error = errors;
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('inside');
  });
});

function neverAsked(): never {
  throw new Error('Not asked.');
}
