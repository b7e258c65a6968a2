import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { gather, model, workflow } from '../../../lib/index.ts';
import {
  liveModel,
  matchers,
  realClock,
  recordCassette,
  replayCassette,
  testRun,
} from '../../../lib/testing/index.ts';

expect.extend(matchers);

const path = fileURLToPath(new URL('./poems.jsonl', import.meta.url));
const write = model({ model: 'openai:gpt-5-mini', instructions: 'One line.' });

const poems = await workflow('poems', { input: z.object({ on: z.string() }) }, async ({ on }) =>
  gather({
    haiku: write({ prompt: `A haiku on ${on}` }),
    ode: write({ prompt: `An ode to ${on}` }),
  }),
);

/** With RECORD=1 and a key in the environment: asks the provider, and writes the cassette anew. */
async function recorded() {
  if (!process.env.RECORD) return testRun(poems, { input, model: replayCassette(path) });
  const recorder = recordCassette(path, liveModel());
  const run = await testRun(poems, { input, model: recorder, clock: realClock });
  recorder.save();
  return run;
}

const input = { on: 'herons' };

test('the poems are those that the model wrote when it was asked', async () => {
  const run = await recorded();
  expect(run).toHaveSucceeded();
  expect(run.output).toMatchObject({ haiku: expect.stringContaining('A haiku on herons') });
  expect(run).toSpendTokens(200);
});
