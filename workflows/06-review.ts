import { z } from 'zod';
import type { handler as readability } from '../functions/readability.ts';
import type { handler as search } from '../functions/search.ts';
import { agent, approval, gather, task, tool, workflow } from '../lib/index.ts';

const find = task<typeof search>('functions/search.ts');
const measure = task<typeof readability>('functions/readability.ts');

const checker = agent({
  model: 'openai:gpt-5-mini',
  instructions: 'You check the facts of a text and name each doubtful one, with a source.',
  tools: {
    search: tool({
      description: 'Finds three pages of Wikipedia.',
      input: z.object({ query: z.string() }),
      run: ({ query }) => find({ query, wiki: 'https://en.wikipedia.org' }),
    }),
  },
});

const editor = agent({
  model: 'anthropic:claude-haiku-4-5',
  instructions: 'You say in three sentences how a text could read better.',
  tools: {
    readability: tool({
      description: 'Measures how long the sentences of a text are.',
      input: z.object({ text: z.string() }),
      run: ({ text }) => measure({ text }),
    }),
  },
});

/** Two agents with tools review a text side by side; a person decides whether it is published. */
export const review = await workflow(
  'review',
  {
    description: 'Lets two agents review a text, then asks a person whether to publish it.',
    input: z.object({
      text: z
        .string()
        .min(1)
        .describe('The text to review.')
        .default('The cuckoo clock was invented in 1738. Its bird has called ever since.'),
    }),
  },
  async ({ text }) => {
    const reviews = await gather({
      facts: checker({ prompt: text }),
      style: editor({ prompt: text }),
    });
    const decision = await approval({
      name: 'publish',
      question: 'Publish this text?',
      details: { text, reviews },
      timeout: '2 days',
      default: { approved: false, comment: 'Nobody answered within two days.' },
    });
    return { decision, reviews };
  },
);
