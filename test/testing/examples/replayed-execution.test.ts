import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { gather, model, workflow } from '../../../lib/index.ts';
import { replayExecution } from '../../../lib/testing/index.ts';

const exported = readFileSync(new URL('./exported-execution.json', import.meta.url), 'utf8');

function review(tone: string) {
  const ask = model({ model: 'openai:gpt-5-mini' });
  return workflow('review', { input: z.object({ text: z.string() }) }, async ({ text }) =>
    gather({
      short: ask({ prompt: `Review ${tone}, in one sentence: ${text}` }),
      long: ask({ prompt: `Review in full: ${text}` }),
    }),
  );
}

test('the workflow still does what it did in AWS', async () => {
  const { divergences, replayed } = await replayExecution(await review('kindly'), exported);
  expect(divergences).toEqual([]);
  expect(replayed).toMatchObject({ status: 'SUCCEEDED', usage: { totalTokens: 40 } });
});

test('a changed prompt is a call that AWS has not seen', async () => {
  const { divergences, replayed } = await replayExecution(await review('harshly'), exported);
  expect(replayed).toMatchObject({ status: 'FAILED', error: 'Replay.NotRecorded' });
  expect(divergences[0]).toMatchObject({
    state: 'short',
    message: "The state 'short' calls with another input than it did in the recorded execution.",
    expected: { prompt: 'Review kindly, in one sentence: A heron stood still.' },
    got: { prompt: 'Review harshly, in one sentence: A heron stood still.' },
  });
});
