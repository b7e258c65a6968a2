import { expect, it } from 'vitest';
import { checkRunId, isRunId, newRunId } from '../../lib/run/id.ts';

it('makes ids that are valid execution names, all different, in the order they were made', () => {
  const ids = Array.from({ length: 5000 }, () => newRunId());
  expect(ids.every(isRunId)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
});

it('makes ids that sort by time, also when the clock goes back', () => {
  const future = newRunId(Date.UTC(2100, 0, 1));
  const later = newRunId(Date.UTC(2099, 0, 1));
  expect(future).toHaveLength(26);
  expect(later > future).toBe(true);
});

it('takes the names that Step Functions takes', () => {
  expect(checkRunId('order-17_B')).toBe('order-17_B');
  expect(checkRunId('x'.repeat(80))).toHaveLength(80);
});

it.each(['', 'x'.repeat(81), 'a b', 'a/b', 'ä', 'a\n'])('rejects %j as an id', (id) => {
  expect(() => checkRunId(id)).toThrow(/^A run cannot be named by this id of \d+ characters\./);
});
