import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gather, model, workflow } from '../../lib/index.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { runExample } from '../workflows/loaded.ts';

const worst = [
  '${ModelOpenai} $${x} ${',
  '{% $states.input %}',
  ' {% unbalanced',
  'unbalanced %}',
  `it's "both" \`quotes\` and back\\slash \\n \\u007b%`,
  'line\nbreak\ttab\r\u2028\u2029',
  '$.path $$.path States.Format(x) 🎺',
  '"Resource": "${ModelOpenai}"',
];

describe('user text on its way to the provider', () => {
  it('arrives unchanged, through document, engine, worker and HTTP, as constant and as input', async () => {
    const ask = model({ model: 'openai:gpt-5-mini' });
    const flow = await workflow(
      'inert',
      { input: z.object({ text: z.string() }) },
      async ({ text }) =>
        gather([
          ...worst.map((each) => ask({ prompt: each })),
          ...worst.map((each) => ask({ prompt: `${each}${text}${each}` })),
        ]),
    );
    const server = await providerServer(({ body }, response) => {
      const { messages } = body as { messages: { content: string }[] };
      sendJson(response, 200, completion(messages.at(-1)?.content));
    });
    for (const text of worst) {
      const { run } = await runExample(flow, { text }, { OPENAI_BASE_URL: server.origin });
      expect(run).toMatchObject({
        status: 'SUCCEEDED',
        output: [...worst, ...worst.map((each) => `${each}${text}${each}`)],
      });
    }
  });
});
