import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Piece } from '../../../lib/model/stream/piece.ts';
import { Teller } from '../../../lib/model/stream/teller.ts';

const state = { Name: 'gpt', EnteredTime: '2026-01-01T00:00:00.000Z', RetryCount: 1 };

/** A teller, and what it has told. */
function teller(pause = 5, tell?: (piece: Piece) => Promise<void> | void) {
  const pieces: Piece[] = [];
  const sink = {
    pause,
    tell: tell ?? ((piece: Piece) => void pieces.push(piece)),
  };
  return { pieces, teller: new Teller(sink, ['run-1', 'panel', state, 3]) };
}

function textsOf(pieces: readonly Piece[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { answer, text } of pieces) texts[answer] = (texts[answer] ?? '') + text;
  return texts;
}

describe('a teller', () => {
  test('tells the first text at once, and what follows together', async () => {
    const { teller: it, pieces } = teller(1000);
    for (const text of ['One', ' two', ' three']) it.text(text, 1);
    expect(pieces.map(({ text }) => text)).toEqual(['One']);
    await it.end();
    expect(pieces.map(({ text }) => text)).toEqual(['One', ' two three']);
    expect(pieces[0]).toEqual({
      run: 'run-1',
      workflow: 'panel',
      step: 'gpt',
      startedAt: state.EnteredTime,
      item: 3,
      attempt: 2,
      answer: expect.stringMatching(/-1$/),
      index: 0,
      text: 'One',
    });
  });

  test('tells in its pace while the call goes on', async () => {
    const { teller: it, pieces } = teller(5);
    it.text('One', 1);
    it.text(' two', 1);
    while (pieces.length < 2) await sleep(1);
    expect(pieces.map(({ index, text }) => [index, text])).toEqual([
      [0, 'One'],
      [1, ' two'],
    ]);
  });

  test('counts the pieces of each answer anew', async () => {
    const { teller: it, pieces } = teller(1000);
    it.text('a', 1);
    it.text('b', 1);
    it.text('c', 2);
    it.text('d', 2);
    await it.end();
    expect(pieces.map(({ index, text }) => [index, text])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [0, 'cd'],
    ]);
    expect(new Set(pieces.map(({ answer }) => answer)).size).toBe(2);
  });

  test('gives two calls of the same step different answers', async () => {
    const [one, other] = [teller(), teller()];
    one.teller.text('a', 1);
    other.teller.text('b', 1);
    expect(one.pieces[0]?.answer).not.toBe(other.pieces[0]?.answer);
  });

  test('never tells half of a surrogate pair', async () => {
    const { teller: it, pieces } = teller(0);
    it.text('a\ud83d', 1);
    it.text('\ude42b', 1);
    await it.end();
    expect(pieces.every(({ text }) => text.isWellFormed())).toBe(true);
    expect(Object.values(textsOf(pieces))).toEqual(['a🙂b']);
  });

  test('tells a long text in parts, without halves of pairs', async () => {
    const { teller: it, pieces } = teller(0);
    const text = `x${'🙂'.repeat(20_000)}`;
    it.text(text, 1);
    await it.end();
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.every((piece) => piece.text.isWellFormed())).toBe(true);
    expect(Object.values(textsOf(pieces))).toEqual([text]);
    expect(pieces.map(({ index }) => index)).toEqual(pieces.map((_, index) => index));
  });

  test('does not hold the call up for a slow sink, and gives it larger pieces', async () => {
    const pieces: Piece[] = [];
    const { teller: it } = teller(0, async (piece) => {
      await sleep(30);
      pieces.push(piece);
    });
    for (let count = 0; count < 100; count += 1) {
      it.text(`${count} `, 1);
      await sleep(0);
    }
    await it.end();
    expect(pieces.length).toBeLessThan(20);
    expect(Object.values(textsOf(pieces))[0]).toMatch(/^0 1 2 .* 98 99 $/);
  });

  test('tells a piece again that was not taken, in its order', async () => {
    const pieces: Piece[] = [];
    let calls = 0;
    const { teller: it } = teller(1, async (piece) => {
      calls += 1;
      if (calls % 2 === 1) throw new Error('Throttled.');
      pieces.push(piece);
    });
    it.text('One', 1);
    it.text(' two', 1);
    await it.end();
    expect(Object.values(textsOf(pieces))).toEqual(['One two']);
    expect(pieces.map(({ index }) => index)).toEqual(pieces.map((_, index) => index));
  });

  test('gives a sink up that never takes anything', async () => {
    let calls = 0;
    const { teller: it } = teller(0, () => {
      calls += 1;
      throw new Error('Gone.');
    });
    for (let count = 0; count < 50; count += 1) {
      it.text('x', 1);
      await sleep(1);
    }
    await it.end();
    expect(calls).toBe(5);
  });

  test('does not wait at the end for a sink that hangs', async () => {
    const { teller: it } = teller(0, () => new Promise(() => {}));
    it.text('x', 1);
    const started = performance.now();
    await it.end();
    expect(performance.now() - started).toBeLessThan(1500);
  });
});
