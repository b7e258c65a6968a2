import { describe, expect, it } from 'vitest';
import { poll } from '../../workflows/04-vote.ts';
import { providersAt } from '../cli/command-line.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { runExample } from './loaded.ts';

/** The silent providers answer when the test is over; nobody waits for them. */
async function election(refusing: RegExp, silent: RegExp, yes: RegExp) {
  const server = await providerServer(({ path }, response) => {
    if (silent.test(path)) return;
    if (refusing.test(path)) return sendJson(response, 400, { error: { message: 'no' } });
    sendJson(response, 200, completion(`{"spam":${yes.test(path)}}`));
  });
  const { run } = await runExample(
    poll,
    { message: 'Win!' },
    {
      ...providersAt(server.origin),
      GROQ_BASE_URL: `${server.origin}/groq`,
      GROQ_API_KEY: 'key-canary-4',
      MISTRAL_BASE_URL: `${server.origin}/mistral`,
      MISTRAL_API_KEY: 'key-canary-5',
    },
  );
  return run;
}

const slot = (status: string, error?: string) =>
  error === undefined ? { status } : { status, reason: { error } };

describe('workflows/04-vote.ts', () => {
  it('goes on with three votes, and stops the models that have not voted', async () => {
    expect(await election(/none/, /groq|mistral/, /openai|google/)).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        spam: true,
        yes: 2,
        votes: {
          gpt: slot('fulfilled'),
          claude: slot('fulfilled'),
          gemini: slot('fulfilled'),
          llama: slot('rejected', 'Gather.Stopped'),
          mistral: slot('rejected', 'Gather.Stopped'),
        },
      },
    });
  });

  it('bears two models that fail, and says why they did', async () => {
    expect(await election(/groq|mistral/, /none/, /openai/)).toMatchObject({
      status: 'SUCCEEDED',
      output: { spam: false, yes: 1 },
    });
  });

  it('fails with every reason when three models fail', async () => {
    expect(await election(/groq|mistral|openai/, /none/, /google/)).toMatchObject({
      status: 'FAILED',
      error: 'GatherFailed',
      cause: expect.stringContaining('Model.Rejected'),
    });
  });

  it('shows the votes as its steps, and not how they are counted', async () => {
    const { steps } = await election(/none/, /groq|mistral/, /openai/);
    expect(steps.map(({ name, status }) => [name, status])).toEqual([
      ['votes', 'SUCCEEDED'],
      ['gpt', 'SUCCEEDED'],
      ['claude', 'SUCCEEDED'],
      ['gemini', 'SUCCEEDED'],
      ['llama', 'ABORTED'],
      ['mistral', 'ABORTED'],
      ['votes deadline', 'ABORTED'],
    ]);
  });
});
