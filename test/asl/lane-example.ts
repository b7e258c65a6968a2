import { z } from 'zod';
import { model, workflow } from '../../lib/index.ts';

const research = model({
  model: 'openai:o3-deep-research',
  lane: 'background',
  timeout: '2 hours',
});

export const report = await workflow(
  'report',
  { input: z.object({ question: z.string() }) },
  async ({ question }) => research({ prompt: question }),
);
