import { expect, it } from 'vitest';
import { sameJson } from '../../lib/run/same.ts';

it('takes objects as equal whatever the order of their keys, arrays only in order', () => {
  expect(sameJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true);
  expect(sameJson([1, 2], [2, 1])).toBe(false);
});

it('tells apart what looks alike', () => {
  expect(sameJson([], {})).toBe(false);
  expect(sameJson(null, {})).toBe(false);
  expect(sameJson(1, '1')).toBe(false);
  expect(sameJson({ a: 1 }, { b: 1 })).toBe(false);
  expect(sameJson({ a: 1 }, { a: 1, b: 1 })).toBe(false);
  expect(sameJson({}, { toString: 1 })).toBe(false);
  expect(sameJson({ toString: 1 }, { x: 1 })).toBe(false);
});
