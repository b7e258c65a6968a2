import { describe, expect, it } from 'vitest';
import { PathInvalid } from '../../../lib/engine/jsonpath/invalid.ts';
import { compileReferencePath } from '../../../lib/engine/jsonpath/reference-path.ts';
import type { Json } from '../../../lib/json.ts';

function write(path: string, root: Json, value: Json): Json {
  return compileReferencePath(path).write(root, value);
}

describe('a reference path', () => {
  it.each([
    ['$', { a: 1 }, 'x', 'x'],
    ['$.a', { a: 1, b: 2 }, 'x', { a: 'x', b: 2 }],
    ['$.a.b.c', {}, 1, { a: { b: { c: 1 } } }],
    ["$['a b'].c", { 'a b': { d: 1 } }, 2, { 'a b': { d: 1, c: 2 } }],
    ['$.list[1]', { list: [1, 2, 3] }, 'x', { list: [1, 'x', 3] }],
    ['$.list[0].a', { list: [{}] }, 1, { list: [{ a: 1 }] }],
  ] as const)('%s writes', (path, root, value, expected) => {
    expect(write(path, root, value)).toEqual(expected);
  });

  it('changes nothing that exists', () => {
    const root = { a: { b: 1 }, kept: { c: 1 } };
    const result = write('$.a.b', root, 2) as typeof root;
    expect(root).toEqual({ a: { b: 1 }, kept: { c: 1 } });
    expect(result.kept).toBe(root.kept);
  });

  it('writes __proto__ as a key like any other', () => {
    const result = write('$.__proto__.polluted', {}, true);
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(JSON.stringify(write('$.a', result, 1))).toContain('__proto__');
  });

  it.each([
    ['$.a', 'text'],
    ['$.a', [1]],
    ['$.a.b', { a: 5 }],
    ['$.list[9]', { list: [1] }],
    ['$.a[0]', {}],
  ] as const)('fails where %s has no place in %j', (path, root) => {
    const attempt = () => write(path, root, 1);
    expect(attempt).toThrow('States.ResultPathMatchFailure');
    expect(attempt).toThrow(
      `Unable to apply ReferencePath ${path} to input ${JSON.stringify(root)}`,
    );
  });

  it.each(['$.a[*]', '$..a', '$.a[1:]', '$$.a', '$v', '$.a[-1]', 'a', '$.a[?(@.b)]'])(
    'rejects %s',
    (path) => {
      expect(() => compileReferencePath(path)).toThrow(PathInvalid);
    },
  );
});
