import { describe, expect, test } from 'vitest';
import { fixtureHost } from './fixture-host.ts';

describe('what a function prints', () => {
  test('is told with its level, in order, before the answer', async () => {
    const { call, logs } = fixtureHost('output', ['levels']);
    await call('levels', { who: 'Ada' }, { requestId: 'request-1' });
    const own = logs.all.filter(({ requestId }) => requestId === 'request-1');
    expect(own.map(({ level, text }) => [level, text])).toEqual([
      ['info', 'Ada logs { a: 1 }'],
      ['info', 'info'],
      ['debug', 'debug'],
      ['warn', 'warn'],
      ['error', 'wrong'],
      ['trace', 'trace'],
      ['info', 'to stdout'],
      ['error', 'to stderr'],
      ['info', 'own console'],
    ]);
    expect(own[0]).toMatchObject({ function: 'levels' });
    expect(Math.abs(Date.now() - (own[0]?.time ?? 0))).toBeLessThan(10_000);
  });

  test('belongs to its invocation, when several print at once', async () => {
    const { call, logs } = fixtureHost('output', ['levels']);
    const names = Array.from({ length: 20 }, (_, index) => `request-${index}`);
    await Promise.all(names.map((who) => call('levels', { who }, { requestId: who })));
    for (const who of names) {
      const own = logs.all.filter(({ requestId }) => requestId === who);
      expect(own).toHaveLength(9);
      expect(own[0]?.text).toBe(`${who} logs { a: 1 }`);
    }
  });

  test('belongs to none while its module is loaded', async () => {
    const { call, logs } = fixtureHost('output', ['levels']);
    await call('levels', { who: 'Ada' });
    expect(logs.all[0]).toMatchObject({ requestId: null, level: 'info', text: 'loading' });
  });

  test('belongs to its invocation after the answer, too', async () => {
    const { call, logs } = fixtureHost('output', ['afterwards']);
    await call('afterwards', {}, { requestId: 'request-1' });
    expect(await logs.seen('afterwards')).toMatchObject({ requestId: 'request-1' });
  });

  test('is cut where one piece is longer than 64 Ki characters', async () => {
    const { call, logs } = fixtureHost('output', ['long']);
    await call('long', { characters: 65_536 }, { requestId: 'whole' });
    await call('long', { characters: 65_537 }, { requestId: 'cut' });
    const text = (id: string) => logs.all.find(({ requestId }) => requestId === id)?.text ?? '';
    expect(text('whole')).toBe('x'.repeat(65_536));
    expect(text('cut').length).toBeLessThan(65_536);
    expect(text('cut')).toMatch(/xxx\.\.\. \(65537 characters\)$/);
  });

  test('is dropped after 1 Mi characters of an invocation, and that is said once', async () => {
    const { call, logs } = fixtureHost('output', ['many']);
    await call('many', { lines: 3000 }, { requestId: 'loud' });
    await call('many', { lines: 1 }, { requestId: 'quiet' });
    const loud = logs.all.filter(({ requestId }) => requestId === 'loud');
    expect(loud).toHaveLength(1049);
    expect(loud.at(-1)).toMatchObject({
      level: 'warn',
      text: 'The invocation wrote more than 1048576 characters; the rest is dropped.',
    });
    expect(logs.all.filter(({ requestId }) => requestId === 'quiet')).toHaveLength(1);
  });
});
