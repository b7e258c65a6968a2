import { z } from 'zod';
import { each, jsonata, model, workflow } from '../lib/index.ts';

const label = model({
  model: 'openai:gpt-5-nano',
  name: 'label',
  instructions: 'You label a support ticket.',
  output: z.object({ label: z.enum(['bug', 'question', 'praise']) }),
  reasoningEffort: 'minimal',
  maxOutputTokens: 400,
});

/**
 * A thousand tickets, a hundred at once, each in an execution of its own (a Distributed Map); one in
 * twenty may fail, and all together may spend half a dollar.
 */
export const thousand = await workflow(
  'thousand',
  {
    description: 'Labels a thousand tickets, a hundred at once; one in twenty may fail.',
    input: z.object({
      count: z.int().min(1).max(2000).describe('How many tickets.').default(1000),
    }),
    budget: { usd: 0.5 },
  },
  async ({ count }) => {
    const labels = await each(
      jsonata<number[]>`[1..${count}]`,
      async (ticket) => {
        const { label: it } = await label({ prompt: `Ticket ${ticket}: the clock is late.` });
        return it;
      },
      { concurrency: 100, tolerate: '5%', name: 'tickets' },
    );
    return {
      bugs: jsonata<number>`$count(${labels}[value = 'bug'])`,
      failed: jsonata<number>`$count(${labels}[status = 'rejected'])`,
      of: jsonata<number>`$count(${labels})`,
    };
  },
);
