import { z } from 'zod';
import { jsonata, model, quorum, workflow } from '../lib/index.ts';

const vote = model({
  instructions: 'You decide whether the message is spam.',
  output: z.object({ spam: z.boolean() }),
});

/** Five cheap models vote at once. Three votes are enough: the slower two are stopped, or may fail. */
export const poll = await workflow(
  'vote',
  {
    description: 'Lets five cheap models vote on a message, until three have voted.',
    input: z.object({
      message: z
        .string()
        .min(1)
        .describe('The message to judge.')
        .default('You have won a cuckoo clock! Reply with your card number to claim it.'),
    }),
  },
  async ({ message }) => {
    const votes = await quorum(
      3,
      {
        gpt: vote({ model: 'openai:gpt-5-nano', prompt: message }),
        claude: vote({ model: 'anthropic:claude-haiku-4-5', prompt: message }),
        gemini: vote({ model: 'google:gemini-2.5-flash-lite', prompt: message }),
        llama: vote({ model: 'groq:llama-3.1-8b-instant', prompt: message }),
        mistral: vote({ model: 'mistral:mistral-small-latest', prompt: message }),
      },
      { timeout: '1 minute' },
    );
    const yes = jsonata<number>`$count(${votes}.*[value.spam = true])`;
    return { spam: jsonata<boolean>`${yes} >= 2`, yes, votes };
  },
);
