import { describe, expect, it } from 'vitest';
import { drafts } from '../../workflows/02-drafts.ts';
import { providersAt } from '../cli/command-line.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { runExample, transitions } from './loaded.ts';

describe('workflows/02-drafts.ts', () => {
  it('drafts in three voices and picks one of them, in five transitions', async () => {
    const { run, events } = await runExample(drafts, { task: 'Say thank you.' });
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        letters: {
          formal: expect.any(String),
          warm: expect.any(String),
          brief: expect.any(String),
        },
        choice: { best: expect.stringMatching(/^(formal|warm|brief)$/) },
      },
    });
    expect(transitions(events)).toBe(5);
  });

  it('fails with the first draft that fails, and stops the call of the slow one', async () => {
    const server = await providerServer(({ body }, response) => {
      const text = JSON.stringify(body);
      if (text.includes('formal')) return sendJson(response, 400, { error: { message: 'no' } });
      if (text.includes('warm')) return; // Never answered: it has to be stopped.
      sendJson(response, 200, completion('Brief.'));
    });
    const { run } = await runExample(drafts, { task: 'x' }, providersAt(server.origin));
    expect(run).toMatchObject({ status: 'FAILED', error: 'Model.Rejected' });
    const warm = server.received.find(({ body }) => JSON.stringify(body).includes('warm'));
    await warm?.dropped;
    expect(run.steps.find(({ name }) => name === 'warm')?.status).toBe('ABORTED');
  });
});
