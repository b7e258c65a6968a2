import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { afterlifeSeconds } from '../../../lib/approval/approval-row.ts';
import { signedPath } from '../../../lib/callback/signed-link.ts';
import { approval, gather, task, workflow } from '../../../lib/index.ts';
import { RunStore } from '../../../lib/local/store/run-store.ts';
import { asking, ended, open, send, waiting } from './setting.ts';

describe('an approval link', () => {
  it('shows the question, and approves by its form', async () => {
    const { runner, run, link } = await waiting({ question: 'Ship it?', details: 'All of it.' });
    const page = await (await fetch(link)).text();
    expect(page).toContain('Ship it?');
    expect(page).toContain('All of it.');
    const taken = await send(link, { decision: 'approve', comment: 'Fine.', by: 'Ada' });
    expect([taken.status, await taken.text()]).toEqual([200, expect.stringContaining('Approved')]);
    expect(await ended(runner, run)).toMatchObject({
      status: 'SUCCEEDED',
      output: { approved: true, comment: 'Fine.', by: 'Ada', how: 'answered' },
    });
  });

  it('rejects, which is a result and no failure', async () => {
    const { runner, run, link } = await waiting();
    expect((await send(link, { decision: 'reject', comment: ' ' })).status).toBe(200);
    expect(await ended(runner, run)).toMatchObject({
      status: 'SUCCEEDED',
      output: { approved: false, comment: null, by: null },
    });
  });

  it('does not answer when it is only opened, however often', async () => {
    const { runner, run, link } = await waiting();
    for (const method of ['GET', 'HEAD', 'GET']) {
      expect((await fetch(link, { method })).status).toBe(200);
    }
    const [asked] = await runner.approvals('asking', run.id);
    expect(asked).toMatchObject({ waits: true, answer: null });
    expect((await runner.get('asking', run.id)).steps[0]).toMatchObject({
      status: 'WAITING',
      waitsFor: 'approval',
    });
  });

  it('takes one answer, and tells any other what that was', async () => {
    const { runner, run, link } = await waiting();
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        send(link, { decision: index % 2 ? 'reject' : 'approve', by: `person ${index}` }),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 409, 409, 409, 409]);
    const { output } = (await ended(runner, run)) as unknown as {
      output: { by: string; approved: boolean };
    };
    const later = await fetch(link, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ approved: !output.approved, by: 'late' }),
    });
    expect(later.status).toBe(409);
    expect(await later.json()).toMatchObject({
      answer: { approved: output.approved, by: output.by },
      message: 'This is answered already: your answer was not taken.',
    });
    const page = await (await fetch(link)).text();
    expect(page).toContain(output.by);
    expect(page).not.toContain('<form');
  });

  it('refuses what is forged or expired, before any function is asked', async () => {
    const { link, folder, notices } = await waiting();
    const url = new URL(link);
    const forged = [
      link.replace(/signature=./, 'signature=-'),
      link.replace(/expires=\d/, 'expires=9'),
      link.replace(/signature=.*/, ''),
      `${url.origin}${url.pathname}`,
      link.replace(url.pathname, `${url.pathname}x`),
    ];
    const store = new RunStore(folder);
    onTestFinished(() => store.close());
    const past = Math.floor(Date.now() / 1000) - 1;
    const secret = store.linkSecret;
    const expired = `${url.origin}${signedPath({ path: url.pathname, expires: past, secret })}`;
    for (const bad of [...forged, expired]) {
      expect([
        (await fetch(bad)).status,
        (await send(bad, { decision: 'approve' })).status,
      ]).toEqual([403, 403]);
    }
    const until = Date.parse(notices[0]!.until) / 1000;
    expect(Number(url.searchParams.get('expires'))).toBe(until + afterlifeSeconds);
  });

  it('says that the run no longer waits, where it was answered by another way', async () => {
    const { runner, run, link } = await waiting();
    const [asked] = await runner.approvals('asking', run.id);
    await runner.answer('asking', run.id, asked!.id, { approved: true, comment: null, by: null });
    await ended(runner, run);
    const late = await send(link, { decision: 'reject', by: 'too late' });
    expect(late.status).toBe(410);
    const page = await (await fetch(link)).text();
    expect(page).toContain('no longer waits');
    expect(page).not.toContain('too late');
  });

  it('says that the run no longer waits when its time is over', async () => {
    const flow = await workflow('short', { input: z.object({}) }, async () =>
      approval({
        question: 'Quick?',
        timeout: 1,
        default: { approved: true, comment: 'Silence.' },
      }),
    );
    const { runner, run, link } = await waiting({}, flow);
    expect(await ended(runner, run)).toMatchObject({
      output: { approved: true, comment: 'Silence.', by: null, how: 'default' },
    });
    expect((await send(link, { decision: 'reject' })).status).toBe(410);
  });

  it('answers each of several that wait at once', async () => {
    const flow = await workflow('board', { input: z.object({}) }, async () =>
      gather({
        legal: approval({ question: 'Legal?', timeout: 60 }),
        press: approval({ question: 'Press?', timeout: 60 }),
      }),
    );
    const { runner, run, notices } = await waiting({}, flow);
    await expect.poll(() => notices.length).toBe(2);
    for (const { link, step } of notices) {
      await send(link, { decision: step === 'legal' ? 'approve' : 'reject' });
    }
    expect(await ended(runner, run)).toMatchObject({
      output: { legal: { approved: true }, press: { approved: false } },
    });
  });
});

describe('secrets', () => {
  it('are in no event, run, log, or file but the run store', async () => {
    const { runner, run, link, logs, folder, notices } = await waiting();
    const shown: unknown[] = [];
    const done = (async () => {
      for await (const event of runner.events('asking', run.id)) shown.push(event);
    })();
    await send(link, { decision: 'approve' });
    await done;
    shown.push(await runner.get('asking', run.id), await runner.approvals('asking', run.id), logs);
    for await (const event of runner.events('asking', run.id)) shown.push(event);
    const store = new RunStore(folder);
    onTestFinished(() => store.close());
    const { key } = store.find('asking', run.id)!;
    const scheduled = store.events(key).find(({ type }) => type === 'TaskScheduled');
    const { Payload } = JSON.parse(String(scheduled?.details?.parameters));
    const signature = new URL(link).searchParams.get('signature') as string;
    const secrets = [Payload.token, store.linkSecret, store.tokenSecret];
    for (const secret of [...secrets, signature]) {
      expect(JSON.stringify(shown)).not.toContain(secret);
      for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!file.isFile() || file.name.startsWith('runs.sqlite')) continue;
        expect(readFileSync(path.join(file.parentPath, file.name), 'latin1')).not.toContain(secret);
      }
    }
    for (const secret of secrets) expect(JSON.stringify(notices)).not.toContain(secret);
    const page = await (await fetch(link)).text();
    for (const secret of secrets) expect(page).not.toContain(secret);
  });
});

it('is asked again, by another link, when the run is redriven', async () => {
  const { runner, run, notices, link } = await waiting();
  await runner.stop('asking', run.id);
  await ended(runner, run);
  await runner.redrive('asking', run.id);
  await expect.poll(() => notices.length).toBe(2);
  expect((await send(link, { decision: 'reject' })).status).toBe(410);
  expect((await send(notices[1]!.link, { decision: 'approve' })).status).toBe(200);
  expect(await ended(runner, run)).toMatchObject({
    status: 'SUCCEEDED',
    output: { approved: true },
  });
});

it('asks with as many details as a state may give', async () => {
  const { runner } = open(asking);
  const details = `${'x'.repeat(200_000)}end`;
  const run = await runner.start('asking', { details, question: 'Q?' });
  await expect.poll(async () => (await runner.approvals('asking', run.id)).length).toBe(1);
  expect((await runner.approvals('asking', run.id))[0]?.details).toBe(details);
});

it('shows on the page what an earlier step put aside, whole', async () => {
  const large = task<(input: { bytes: number }) => string>('test/fixtures/functions/large.ts', {
    handler: 'text',
  });
  const flow = await workflow('large', { input: z.object({}) }, async () =>
    approval({
      question: 'All of it?',
      details: { text: await large({ bytes: 300_000 }) },
      timeout: 60,
    }),
  );
  const { runner, run, link } = await waiting({}, flow);
  const page = await (await fetch(link)).text();
  expect(page).toContain('abcdefgh'.repeat(300_000 / 8));
  const [asked] = await runner.approvals('large', run.id);
  expect(JSON.stringify(asked?.details).length).toBeLessThan(1_000);
});
