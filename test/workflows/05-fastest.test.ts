import { describe, expect, it } from 'vitest';
import { fastest } from '../../workflows/05-fastest.ts';
import { providersAt } from '../cli/command-line.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { runExample } from './loaded.ts';

describe('workflows/05-fastest.ts', () => {
  it('takes the first good answer and drops the calls of the others', async () => {
    const server = await providerServer(({ path }, response) => {
      if (path.startsWith('/openai')) return sendJson(response, 400, { error: { message: 'no' } });
      // Google never answers: its call ends only because the race is won.
      if (path.startsWith('/anthropic')) {
        setTimeout(() => sendJson(response, 200, completion('Two springs.')), 200);
      }
    });
    const { run } = await runExample(fastest, { question: 'Why?' }, providersAt(server.origin));
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: { answer: 'Two springs.', by: 'anthropic' },
    });
    const google = server.received.find(({ path }) => path.startsWith('/google'));
    await google?.dropped;
  });

  it('fails with every reason when all providers refuse', async () => {
    const server = await providerServer((_, response) =>
      sendJson(response, 400, { error: { message: 'no' } }),
    );
    const { run } = await runExample(fastest, { question: 'Why?' }, providersAt(server.origin));
    expect(run).toMatchObject({ status: 'FAILED', error: 'GatherFailed' });
  });
});
