import { z } from 'zod';
import { gather, model, workflow } from '../lib/index.ts';

const draft = model({ model: 'openai:gpt-5-mini' });

const pick = model({
  model: 'openai:gpt-5-mini',
  instructions: 'You choose the draft that is most likely to get a friendly answer.',
  output: z.object({ best: z.enum(['formal', 'warm', 'brief']), why: z.string() }),
});

const voices = {
  formal: 'You write formal, exact business e-mail.',
  warm: 'You write warm, personal e-mail.',
  brief: 'You write e-mail of at most three sentences.',
};

/** Three agents draft the same e-mail at once, each in its own voice; a picker chooses one. */
export const drafts = await workflow(
  'drafts',
  {
    description: 'Drafts one e-mail in three voices at once and picks the best.',
    input: z.object({
      task: z
        .string()
        .min(1)
        .describe('What the e-mail is to achieve.')
        .default('Ask a customer to move our meeting from Tuesday to Thursday.'),
    }),
  },
  async ({ task }) => {
    const letters = await gather({
      formal: draft({ instructions: voices.formal, prompt: task }),
      warm: draft({ instructions: voices.warm, prompt: task }),
      brief: draft({ instructions: voices.brief, prompt: task }),
    });
    const choice = await pick({ prompt: `The task: ${task}\nThe drafts: ${letters}` });
    return { letters, choice };
  },
);
