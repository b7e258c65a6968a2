import { z } from 'zod';
import { gather, model, workflow } from '../lib/index.ts';

const question = z
  .string()
  .min(1)
  .describe('What to ask the panel.')
  .default('What should a small team automate first, and what should it leave to people?');

const ask = model({ instructions: 'Answer in at most five sentences.' });

const judge = model({
  model: 'openai:gpt-5-mini',
  instructions: 'You judge answers. A rejected answer ranks last.',
  output: z.object({ ranking: z.array(z.string()), why: z.string() }),
});

/** One question to three models at once, each of them allowed to fail; then a judge ranks the answers. */
export const panel = await workflow(
  'panel',
  {
    description: 'Asks three models at once and lets a judge rank their answers.',
    input: z.object({ question }),
  },
  async ({ question }) => {
    const answers = await gather(
      {
        gpt: ask({ model: 'openai:gpt-5-mini', prompt: question }),
        claude: ask({ model: 'anthropic:claude-haiku-4-5', prompt: question }),
        gemini: ask({ model: 'google:gemini-2.5-flash', prompt: question }),
      },
      { returnExceptions: true },
    );
    const verdict = await judge({ prompt: `Rank the answers to "${question}": ${answers}` });
    return { answers, verdict };
  },
);
