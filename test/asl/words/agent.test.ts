import { z } from 'zod';
import { agent, tool } from '../../../lib/index.ts';
import { act } from '../run/program.ts';
import type { Loose } from './acting.ts';
import { stepCases } from './step-cases.ts';

const clerk = agent({
  model: 'openai:m',
  tools: { act: tool({ description: 'Acts.', input: z.any(), run: (one: Loose) => act(one) }) },
});
const asking = agent({
  model: 'openai:m',
  tools: {
    ask: tool({
      description: 'Asks the other agent.',
      input: z.any(),
      run: (one: Loose) => clerk({ prompt: `${one}` }),
    }),
  },
});

stepCases('agent', {
  step: (one) => clerk({ prompt: `${one}` }),
  nested: (one) => asking({ prompt: `${one}` }),
});
