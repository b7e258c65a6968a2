import { expect, test } from 'vitest';
import { Limiter } from '../../../lib/model/limiter/limiter.ts';
import { memoryTable } from '../../../lib/model/limiter/memory-table.ts';
import type { LimiterTable } from '../../../lib/model/limiter/table.ts';

test('a thousand functions that know nothing yet ask at once: three updates each at most, and none is lost', async () => {
  const memory = memoryTable();
  let changes = 0;
  const table: LimiterTable = {
    async change(key, change) {
      changes += 1;
      // The way there and back: others come in between.
      await new Promise((resolve) => setTimeout(resolve, 1 + ((changes * 7) % 5)));
      const changed = await memory.change(key, change);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return changed;
    },
  };
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, () =>
      new Limiter(table, { now: () => 1_000_000 }).reserve({
        key: 'openai:m',
        run: 'storm',
        place: undefined,
        ticket: undefined,
        estimate: { input: 50, output: 150 },
        limits: { requestsPerMinute: 600, tokensPerMinute: 200_000 },
        guess: {},
      }),
    ),
  );
  const waiting = answers.filter((answer) => !answer.granted);
  const lost = waiting.filter(
    (answer) => !answer.granted && answer.place === undefined && answer.ticket === undefined,
  );

  expect(lost.length).toBeLessThan(50);
  expect(changes / 1_000, `${changes / 1_000} updates a call`).toBeLessThan(3.5);
  const places = waiting.flatMap((answer) => (!answer.granted && answer.place) || []);
  expect(new Set(places).size).toBe(places.length);
});
