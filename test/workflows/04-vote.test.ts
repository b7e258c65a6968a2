import { describe, expect, it } from 'vitest';
import { poll } from '../../workflows/04-vote.ts';
import { providersAt } from '../cli/command-line.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { runExample } from './loaded.ts';

async function election(refusing: RegExp, yes: RegExp) {
  const server = await providerServer(({ path }, response) => {
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

describe('workflows/04-vote.ts', () => {
  it('counts the votes of those that answered', async () => {
    expect(await election(/groq|mistral/, /openai|google/)).toMatchObject({
      status: 'SUCCEEDED',
      output: { spam: true, yes: 2, all: 3 },
    });
    expect(await election(/none/, /openai|google/)).toMatchObject({
      output: { spam: false, yes: 2, all: 5 },
    });
  });

  it('fails with every reason when three models fail', async () => {
    expect(await election(/groq|mistral|openai/, /google/)).toMatchObject({
      status: 'FAILED',
      error: 'GatherFailed',
      cause: expect.stringContaining('Model.Rejected'),
    });
  });
});
