import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../lib/run/run.ts';
import { cloudgather, runsFolder, start } from './command-line.ts';

const link = /answer at (http:\/\/127\.0\.0\.1:\S+)/;

/** `cloudgather run review` in a process of its own, once it waits for a person. */
async function reviewing(id: string, ...args: readonly string[]) {
  const environment = { CLOUDGATHER_RUNS: runsFolder() };
  const running = start(['run', 'review', '--id', id, ...args], environment);
  const [, url = ''] = await running.see('stderr', link);
  await running.see('stderr', args.includes('--json') ? link : /publish: waits for approval/);
  return { running, environment, url };
}

describe('cloudgather approve', () => {
  it('answers a run of another process, which prints the link and the command once', async () => {
    const { running, environment } = await reviewing('approved');
    const listed = await cloudgather(['approvals'], environment);
    expect(listed.stdout).toMatch(
      /^review approved\n {2}publish, until .*\n {4}Publish this text\?\n/,
    );
    const args = ['approve', 'appr', '--comment', 'Fine.', '--by', 'Ada'];
    const { code, stderr } = await cloudgather(args, environment);
    expect([code, stderr]).toEqual([0, 'publish is approved: Publish this text?\n']);
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('  approved true\n  comment Fine.\n  by Ada\n  how answered\n');
    expect(ended.stderr.match(/answer at /g)).toHaveLength(1);
    expect(ended.stderr).toContain("by 'cloudgather approve approved --step publish'");
    expect((await cloudgather(['approvals'], environment)).stderr).toBe(
      'Nothing waits for approval.\n',
    );
  });

  it('rejects with --reject; the run has succeeded all the same, and its JSON is whole', async () => {
    const { running, environment } = await reviewing('rejected', '--json');
    const waiting = await cloudgather(['approvals', 'rejected', '--json'], environment);
    expect(JSON.parse(waiting.stdout)).toMatchObject([
      { run: 'rejected', interrupted: false, approvals: [{ step: 'publish', waits: true }] },
    ]);
    const { code } = await cloudgather(['approve', 'rejected', '--reject'], environment);
    expect(code).toBe(0);
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      status: 'SUCCEEDED',
      output: { decision: { approved: false, comment: null, by: expect.any(String) } },
    });
  });

  it('fails with 2, and says why, where nothing waits, it was answered, or no run is meant', async () => {
    const { running, environment, url } = await reviewing('twice');
    const unknown = await cloudgather(['approve', 'twice', '--step', 'other'], environment);
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      "Run 'twice' of workflow 'review' waits for no approval named 'other'; it has asked: publish.\n",
    ]);
    await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ decision: 'approve', by: 'Ada' }),
    });
    await running.ended;
    const second = await cloudgather(['approve', 'twice', '--reject'], environment);
    expect([second.code, second.stderr]).toEqual([
      2,
      "The approval 'publish' is answered already: it was approved by Ada.\n",
    ]);
    expect((await cloudgather(['approve', 'nobody'], environment)).code).toBe(2);
  });

  it('says to resume a run whose process was killed; resumed, it tells a new link that answers', async () => {
    const { running, environment, url } = await reviewing('killed');
    running.child.kill('SIGKILL');
    await once(running.child, 'exit');
    const dead = await cloudgather(['approve', 'killed'], environment);
    expect([dead.code, dead.stderr]).toEqual([
      2,
      "Run 'killed' was interrupted: the process that ran it has ended. 'cloudgather resume killed' goes on with it; answer then.\n",
    ]);
    expect((await cloudgather(['approvals'], environment)).stdout).toContain('interrupted');

    const resumed = start(['resume', 'killed', '--json'], environment);
    const [, again = ''] = await resumed.see('stderr', link);
    expect(again).not.toBe(url);
    const body = new URLSearchParams({ decision: 'approve', by: 'Ada' });
    expect((await fetch(again, { method: 'POST', body })).status).toBe(200);
    const ended = await resumed.ended;
    expect(ended.code).toBe(0);
    const run = JSON.parse(ended.stdout) as Run;
    expect(run).toMatchObject({ output: { decision: { approved: true, by: 'Ada' } } });
    // The agents were not asked a second time.
    expect(run.steps.filter(({ kind }) => kind === 'task').map(({ attempts }) => attempts)).toEqual(
      [1, 1],
    );
  });
});

describe('cloudgather dev', () => {
  it('lists what a run asks, and takes the answer once', async () => {
    const dev = start(['dev', '--port', '0'], { CLOUDGATHER_RUNS: runsFolder() });
    const [, origin = ''] = await dev.see('stdout', /(http:\S+)\n/);
    const headers = { 'content-type': 'application/json' };
    const runs = `${origin}/workflows/review/runs`;
    const { id } = (await (
      await fetch(runs, { method: 'POST', headers, body: '{}' })
    ).json()) as Run;
    await dev.see('stderr', link);
    const approvals = `${runs}/${id}/approvals`;
    const list = async () =>
      ((await (await fetch(approvals)).json()) as { approvals: { id: string }[] }).approvals;
    await expect.poll(list, { timeout: 10_000 }).toHaveLength(1);
    const [asked] = await list();
    expect(asked).toMatchObject({ step: 'publish', question: 'Publish this text?', waits: true });
    const body = JSON.stringify({ approved: true, by: 'Ada' });
    const post = (path: string) => fetch(path, { method: 'POST', headers, body });
    expect((await post(`${approvals}/${asked?.id}`)).status).toBe(200);
    const again = await post(`${approvals}/${asked?.id}`);
    expect([again.status, await again.json()]).toEqual([
      409,
      expect.objectContaining({
        detail: "The approval 'publish' is answered already: it was approved by Ada.",
      }),
    ]);
    expect((await post(`${approvals}/other`)).status).toBe(404);
    const bad = await fetch(`${approvals}/${asked?.id}`, { method: 'POST', headers, body: '{}' });
    expect(bad.status).toBe(400);
  });
});
