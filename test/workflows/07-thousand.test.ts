import { describe, expect, it } from 'vitest';
import { scriptedModel, testRun } from '../../lib/testing/index.ts';
import { thousand } from '../../workflows/07-thousand.ts';
import { providersAt } from '../cli/command-line.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { runExample } from './loaded.ts';

/** Labels 60 tickets; those whose number the pattern matches fail. */
async function labelled(failing: RegExp) {
  const server = await providerServer(({ body }, response) => {
    const ticket = /Ticket (\d+)/.exec(JSON.stringify(body))?.[1] ?? '';
    if (failing.test(ticket)) return sendJson(response, 400, { error: { message: 'no' } });
    const label = Number(ticket) % 2 === 0 ? 'bug' : 'praise';
    sendJson(response, 200, completion(`{"label":"${label}"}`));
  });
  const { run } = await runExample(thousand, { count: 60 }, providersAt(server.origin));
  return run;
}

describe('workflows/07-thousand.ts', () => {
  it('labels every ticket while no more than one in twenty fails', async () => {
    expect(await labelled(/^(7|8)$/)).toMatchObject({
      status: 'SUCCEEDED',
      output: { bugs: 29, failed: 2, of: 60 },
    });
  });

  it('fails with the reasons when more do', async () => {
    expect(await labelled(/^[1-9]$/)).toMatchObject({ status: 'FAILED', error: 'GatherFailed' });
  });

  it('ends once half a dollar is spent, all executions together', async () => {
    const model = scriptedModel({ answer: { label: 'bug' }, latency: 1_000, outputTokens: 30_000 });
    const { error, calls, run } = await testRun(thousand, { input: { count: 300 }, model });
    expect(error).toBe('GatherFailed');
    expect(JSON.stringify(run)).toContain('Budget.Exceeded');
    // A call costs 1.2 cents: 41 fit, and those that were under way.
    expect(calls.length).toBeGreaterThanOrEqual(41);
    expect(calls.length).toBeLessThan(200);
  });
});
