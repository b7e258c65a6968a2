import { expect, test } from 'vitest';
import { z } from 'zod';
import { gather, model, task, workflow } from '../../../lib/index.ts';
import { matchers, scriptedModel, testRun } from '../../../lib/testing/index.ts';

expect.extend(matchers);

const search = task<(input: { about: string }) => Promise<string>>('functions/search.ts');
const write = model({ model: 'openai:gpt-5-mini' });

const brief = await workflow(
  'brief',
  { input: z.object({ topic: z.string() }) },
  async ({ topic }) => {
    const found = await search({ about: topic });
    return gather({
      short: write({ prompt: `In one sentence: ${found}` }),
      long: write({ prompt: `In one page: ${found}` }),
    });
  },
);

test('a brief is written from what was found', async () => {
  const run = await testRun(brief, {
    input: { topic: 'herons' },
    tasks: { 'functions/search.ts': ({ about }) => `All about ${about}.` },
    model: scriptedModel({
      answer: ({ prompt }) => `re: ${prompt}`,
      latency: [500, 90_000],
    }),
  });
  expect(run).toHaveSucceeded({
    short: 're: In one sentence: All about herons.',
    long: 're: In one page: All about herons.',
  });
  expect(run).toHaveCalledModels(2);
  expect(run).toTakeTransitions(4);
});
