import { describe, expect, it } from 'vitest';
import { panel } from '../../workflows/01-panel.ts';
import { providersAt } from '../cli/command-line.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { runExample, transitions } from './loaded.ts';

describe('workflows/01-panel.ts', () => {
  it('gathers three answers in branch order and a verdict, in five transitions', async () => {
    const { run, events } = await runExample(panel, { question: 'Is water wet?' });
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        answers: {
          gpt: { status: 'fulfilled', value: expect.stringContaining('gpt-5-mini') },
          claude: { status: 'fulfilled', value: expect.stringContaining('claude-haiku-4-5') },
          gemini: { status: 'fulfilled', value: expect.stringContaining('gemini-2.5-flash') },
        },
        verdict: { ranking: expect.any(Array), why: expect.any(String) },
      },
    });
    expect(transitions(events)).toBe(5);
  });

  it('goes on with two answers when one model refuses, in six transitions', async () => {
    const server = await providerServer(({ path, body }, response) => {
      if (path.startsWith('/google')) return sendJson(response, 400, { error: { message: 'no' } });
      const judging = JSON.stringify(body).includes('You judge answers');
      const content = judging ? '{"ranking":["gpt","claude"],"why":"They came."}' : 'An answer.';
      sendJson(response, 200, completion(content));
    });
    const { run, events } = await runExample(
      panel,
      { question: 'why?' },
      providersAt(server.origin),
    );
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        answers: {
          gpt: { status: 'fulfilled', value: 'An answer.' },
          claude: { status: 'fulfilled', value: 'An answer.' },
          gemini: {
            status: 'rejected',
            reason: { error: 'Model.Rejected', name: 'gemini', index: 2 },
          },
        },
      },
    });
    expect(transitions(events)).toBe(6);
  });
});
