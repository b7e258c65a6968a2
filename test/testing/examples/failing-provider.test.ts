import { expect, test } from 'vitest';
import { z } from 'zod';
import { each, model, workflow } from '../../../lib/index.ts';
import { matchers, scriptedModel, testRun } from '../../../lib/testing/index.ts';

expect.extend(matchers);

const label = model({ model: 'openai:gpt-5-mini', output: z.enum(['good', 'bad']) });

const labels = await workflow(
  'labels',
  { input: z.object({ texts: z.array(z.string()) }) },
  async ({ texts }) => each(texts, (text) => label({ prompt: text })),
);
const texts = Array.from({ length: 30 }, (_, index) => `Text ${index}`);

test('every text gets its label, though the provider refuses most at first', async () => {
  const run = await testRun(labels, {
    input: { texts },
    model: scriptedModel({
      answer: 'good',
      faults: { 'Model.Overloaded': 0.4 },
      retryAfter: 300,
    }),
  });
  expect(run).toHaveSucceeded(texts.map(() => 'good'));
  // It waited for minutes, in no time.
  expect(run.seconds).toBeGreaterThanOrEqual(300);
});

test('the run fails by name where the key is wrong', async () => {
  const run = await testRun(labels, {
    input: { texts },
    model: scriptedModel({ faults: { 'Model.Unauthorized': 1 } }),
  });
  expect(run).toHaveFailedWith('Model.Unauthorized');
});
