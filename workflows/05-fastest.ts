import { z } from 'zod';
import { any, model, workflow } from '../lib/index.ts';

const ask = model({ instructions: 'Answer in one sentence.' });

/** The first of three providers to answer wins; the calls of the others are stopped. */
export const fastest = await workflow(
  'fastest',
  {
    description: 'Asks three providers at once and takes the first good answer.',
    input: z.object({
      question: z
        .string()
        .min(1)
        .describe('What to ask.')
        .default('Why does a cuckoo clock have two weights?'),
    }),
  },
  async ({ question }) => {
    const first = await any(
      {
        openai: ask({ model: 'openai:gpt-5-mini', prompt: question }),
        anthropic: ask({ model: 'anthropic:claude-haiku-4-5', prompt: question }),
        google: ask({ model: 'google:gemini-2.5-flash', prompt: question }),
      },
      { timeout: '30 seconds', name: 'first answer' },
    );
    return { answer: first.value, by: first.name };
  },
);
