import { z } from 'zod';
import type { handler } from '../functions/search.ts';
import { each, model, task, workflow } from '../lib/index.ts';

const search = task<typeof handler>('functions/search.ts');

const planner = model({
  model: 'openai:gpt-5-mini',
  instructions: 'You break a question into at most five short search queries.',
  output: z.object({ queries: z.array(z.string()).max(5) }),
});

const summarize = model({
  model: 'google:gemini-2.5-flash',
  instructions: 'You sum up search results in three sentences and name the pages.',
});

const writer = model({
  model: 'openai:gpt-5-mini',
  instructions: 'You write a short, sourced answer from notes. A rejected note is missing: say so.',
});

/** A planner decides what to search for, each search is read at once, a writer joins the notes. */
export const research = await workflow(
  'research',
  {
    description: 'Plans searches, runs and reads them all at once, and writes a sourced answer.',
    input: z.object({
      question: z
        .string()
        .min(1)
        .describe('What to find out.')
        .default('Who invented the lock-keeping cuckoo clock, and who copied it?'),
      wiki: z.url().describe('The wiki to search.').default('https://en.wikipedia.org'),
    }),
  },
  async ({ question, wiki }) => {
    const plan = await planner({ prompt: question }).named('plan');
    const notes = await each(
      plan.queries,
      async (query) => {
        const { pages } = await search({ query, wiki });
        return await summarize({ prompt: `${query}\n${pages}` }).named('summarize');
      },
      { returnExceptions: true, concurrency: 5 },
    );
    const answer = await writer({ prompt: `${question}\nNotes: ${notes}` });
    return { answer, notes };
  },
);
