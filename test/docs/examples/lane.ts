import { z } from 'zod';
import { gather, model, workflow } from '../../../lib/index.ts';

const quick = model({ model: 'openai:gpt-5-mini', instructions: 'One word.', lane: 'http' });
const label = z.object({ topic: z.string(), urgent: z.boolean() });
const sort = model({ model: 'google:gemini-2.5-flash', output: label, lane: 'http' });

/** Two answers of a second or two each: no function waits for them. */
export const triage = await workflow(
  'triage',
  { input: z.object({ mail: z.string() }) },
  async ({ mail }) => gather({ mood: quick({ prompt: mail }), label: sort({ prompt: mail }) }),
);
