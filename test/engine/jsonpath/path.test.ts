import { describe, expect, it } from 'vitest';
import { StateFailure } from '../../../lib/engine/failure.ts';
import { PathInvalid } from '../../../lib/engine/jsonpath/invalid.ts';
import { compilePath } from '../../../lib/engine/jsonpath/path.ts';
import type { PathScope } from '../../../lib/engine/jsonpath/scope.ts';
import type { Json } from '../../../lib/json.ts';
import { processorTime } from '../jsonata/processor-time.ts';

const store: Json = {
  book: [
    { title: 'A', price: 8.95, tags: ['x'], isbn: '1' },
    { title: 'B', price: 12.99 },
    { title: 'C', price: 8.99, isbn: null },
    { title: 'D', price: '12' },
  ],
  bike: { price: 19.95 },
};
const scope: PathScope = {
  input: { store, 'sub-values': 1, 'a b': 2, a: { b: [[1, 2], [3]] }, empty: [] },
  context: { Execution: { Name: 'run' } },
  variables: { v: { w: [10, 20] } },
};

function read(path: string, input = scope.input) {
  return compilePath(path).read({ ...scope, input });
}

const titles = (found: unknown) => (found as { title: string }[]).map((book) => book.title);

/** Sixty levels, with a row of 300 objects to put beside each. */
function nested(level: (inner: Json, row: Json) => Json): Json {
  const row: Json = Array.from({ length: 300 }, () => ({ a: [1, 2, 3] }));
  return Array.from({ length: 60 }).reduce<Json>((inner) => level(inner, row), row);
}

describe('a JSONPath', () => {
  it.each([
    ['$', scope.input],
    ['$$', scope.context],
    ['$$.Execution.Name', 'run'],
    ['$v', { w: [10, 20] }],
    ['$v.w[1]', 20],
    ['$.sub-values', 1],
    ["$['a b']", 2],
    ['$["a b"]', 2],
    ['$.a.b[0][1]', 2],
    ['$.a.b[-1]', [3]],
    ['$.store.book[1].title', 'B'],
    ["$.store['bike']['price']", 19.95],
    ['$.store.book.length()', 4],
    ["$.store.bike['price','none']", { price: 19.95 }],
  ])('that is definite reads one value: %s', (path, expected) => {
    expect(compilePath(path).definite).toBe(true);
    expect(read(path)).toEqual(expected);
  });

  it.each([
    ['$.store.book[*].title', ['A', 'B', 'C', 'D']],
    ['$.store.book[0,2].title', ['A', 'C']],
    ['$.store.book[1:3].title', ['B', 'C']],
    ['$.store.book[:1].title', ['A']],
    ['$.store.book[-2:].title', ['C', 'D']],
    ['$.store.book[0:4:2].title', ['A', 'B', 'C', 'D']],
    ['$..title', ['A', 'B', 'C', 'D']],
    ['$.store..price', [8.95, 12.99, 8.99, '12', 19.95]],
    ['$.a.b[*][0]', [1, 3]],
    ['$.a..[0]', [[1, 2], 1, 3]],
    ['$.a.*', [[[1, 2], [3]]]],
    ["$.store['bike','none'].price", [19.95]],
    [
      "$.store.book[*]['title','isbn']",
      [{ title: 'A', isbn: '1' }, { title: 'B' }, { title: 'C', isbn: null }, { title: 'D' }],
    ],
  ])('that is indefinite reads a list: %s', (path, expected) => {
    expect(compilePath(path).definite).toBe(false);
    expect(read(path)).toEqual(expected);
  });

  it.each([
    ['@.price < 10', ['A', 'C']],
    ['@.price > 10', ['B']],
    ['@.price >= 8.99 && @.price <= 13', ['B', 'C']],
    ['@.title == \'A\' || @.title == "D"', ['A', 'D']],
    ['@.price == 12', ['D']],
    ['@.price === 12', []],
    ["@.title != 'A'", ['B', 'C', 'D']],
    ['@.isbn', ['A', 'C']],
    ['!(@.isbn)', ['B', 'D']],
    ['@.isbn == null', ['C']],
    ['@.title in ["A", "C"]', ['A', 'C']],
    ["@.title nin ['A', 'C']", ['B', 'D']],
    ['@.title =~ /[a-b]/i', ['A', 'B']],
    ['@.price < $.store.bike.price', ['A', 'B', 'C']],
    ["@.tags contains 'x'", ['A']],
    ['@.tags.length() == 1', ['A']],
    ["$$.Execution.Name == 'run'", ['A', 'B', 'C', 'D']],
    ["@['title'] == 'B'", ['B']],
  ])('filters by [?(%s)]', (filter, expected) => {
    expect(titles(read(`$.store.book[?(${filter})]`))).toEqual(expected);
  });

  it.each([
    '$.items[*]',
    '$.item.items[:1]',
    '$.items[1:].itemValue',
    '$..nothing',
    '$.empty[?(@.a)]',
  ])('that is indefinite and finds nothing is an empty list: %s', (path) => {
    expect(read(path, {})).toEqual([]);
  });

  it.each([
    ['$.constructor'],
    ['$.__proto__'],
    ['$.a.b.toString'],
    ['$.store.book[99]'],
    ['$nothing'],
  ])('finds nothing at %s', (path) => {
    expect(read(path)).toBeUndefined();
  });

  it('reads __proto__ as a key like any other', () => {
    expect(read('$.__proto__.x', JSON.parse('{"__proto__": {"x": 1}}'))).toBe(1);
  });

  it.each([
    ['$.no.such.path', "Invalid path '$.no.such.path' : Missing property in path $['no']"],
    ['$.nothing', "Invalid path '$.nothing' : No results for path: $['nothing']"],
    ['$.empty[3]', "Invalid path '$.empty[3]' : No results for path: $['empty'][3]"],
    [
      '$.sub-values.x',
      "Invalid path '$.sub-values.x' : Expected to find an object with property ['x'] in path $['sub-values'] but found 'com.fasterxml.jackson.databind.node.IntNode'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.",
    ],
  ])("fails in Jayway's words when it must be there: %s", (path, cause) => {
    const attempt = () => compilePath(path).require(scope);
    expect(attempt).toThrow(StateFailure);
    expect(attempt).toThrow(cause);
  });

  it.each([
    'a.b',
    '',
    '$.',
    '$.a b',
    '$[',
    "$['a",
    '$.a[b]',
    '$.a[?(@.b = 1)]',
    '$.a[?(1)]',
    '$.a.nofunction()',
    '$.a.length().b',
    '$.a[?(@.b =~ /(/)]',
    `$[?(${'('.repeat(500)}@.a${')'.repeat(500)})]`,
  ])('rejects %s', (path) => {
    expect(() => compilePath(path)).toThrow(PathInvalid);
  });

  it('fails within a second on a filter whose pattern backtracks without end', () => {
    const path = compilePath('$[?(@ =~ /(a+)+/)]');
    const start = processorTime();
    expect(() => path.read({ ...scope, input: [`${'a'.repeat(60)}!`] })).toThrow('timeout');
    expect(processorTime() - start).toBeLessThan(1_500);
  });

  it.each<[string, Json]>([
    ['$..*..*..*..*', nested((inner, row) => [inner, row])],
    ['$..[?(@..x)]', nested((inner, row) => ({ inner, row }))],
    [`$${'[0,0,0,0,0,0,0,0]'.repeat(9)}`, nested((inner) => [inner])],
  ])('fails within a second when it looks at too much: %s', (path, input) => {
    const start = processorTime();
    expect(() => compilePath(path).read({ ...scope, input })).toThrow('looked at more than');
    expect(processorTime() - start).toBeLessThan(1_500);
  });

  it('scans data of any depth', () => {
    let deep: unknown = { x: 1 };
    for (let level = 0; level < 100_000; level += 1) {
      deep = [deep];
    }
    expect(compilePath('$..x').read({ ...scope, input: deep as never })).toEqual([1]);
  });
});
