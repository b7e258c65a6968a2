import { z } from 'zod';
import { each, model, workflow } from '../../lib/index.ts';

const label = z.object({ topic: z.string(), urgent: z.boolean() });
const sort = model({
  model: 'openai:gpt-5-mini',
  output: label,
  lane: 'batch',
  timeout: '12 hours',
});

export const archive = await workflow(
  'archive',
  { input: z.object({ mails: z.array(z.string()) }) },
  async ({ mails }) => each(mails, (mail) => sort({ prompt: mail })),
);
