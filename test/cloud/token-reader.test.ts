import { describe, expect, test } from 'vitest';
import { createTokenReader } from '../../lib/cloud/token-reader.ts';
import type { TokenEvent } from '../../lib/run/token-event.ts';

const row = (position: number, index: number, answer = 'a'): TokenEvent => ({
  type: 'Tokens',
  position,
  run: 'r--watched',
  workflow: 'w',
  step: 'gpt',
  startedAt: '2026-01-01T00:00:00.000Z',
  item: null,
  attempt: 1,
  answer,
  index,
  text: `${answer}${index}`,
});

/** A reader of rows that a test changes, on a clock that it moves. */
function reading(after = 0) {
  const rows: TokenEvent[] = [];
  const clock = { now: 0 };
  const readRows = async (known: number) =>
    rows.filter(({ position }) => position > known).sort((a, b) => a.position - b.position);
  const reader = createTokenReader(readRows, after, () => clock.now);
  const read = async (isLast?: boolean) =>
    (await reader.read(isLast)).map(({ position }) => position);
  return { rows, clock, read };
}

describe('the reader of tokens', () => {
  test('gives each row once, those after the known position', async () => {
    const { rows, read } = reading(1);
    rows.push(row(1, 0), row(2, 1), row(3, 2));
    expect(await read()).toEqual([2, 3]);
    expect(await read()).toEqual([]);
    rows.push(row(4, 3));
    expect(await read()).toEqual([4]);
  });

  test('waits for a row that is written after the next one', async () => {
    const { rows, read } = reading();
    rows.push(row(1, 0), row(3, 0, 'b'));
    expect(await read()).toEqual([1]);
    expect(await read()).toEqual([]);
    rows.push(row(2, 1));
    expect(await read()).toEqual([2, 3]);
  });

  test('passes over a row that never comes, after a while', async () => {
    const { rows, clock, read } = reading();
    rows.push(row(2, 0), row(4, 1));
    expect(await read()).toEqual([]);
    clock.now = 5_000;
    expect(await read()).toEqual([2]);
    clock.now = 9_999;
    expect(await read()).toEqual([]);
    clock.now = 10_000;
    expect(await read()).toEqual([4]);
  });

  test('passes over all of them at once when the run is over', async () => {
    const { rows, read } = reading();
    rows.push(row(2, 0), row(4, 1));
    expect(await read(true)).toEqual([2, 4]);
  });

  test('tells a piece once that was written twice', async () => {
    const { rows, read } = reading();
    rows.push(row(1, 0), row(2, 1), row(3, 1), row(4, 0, 'b'), row(5, 2));
    expect(await read()).toEqual([1, 2, 4, 5]);
  });
});
