import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFastPath, GIVE_UP } from '../../../lib/engine/jsonata/fast-path.ts';
import type { JsonataScope } from '../../../lib/engine/jsonata/scope.ts';
import type { SyntaxNode } from '../../../lib/engine/jsonata/syntax.ts';
import type { Json } from '../../../lib/json.ts';

interface Packaged {
  ast(): SyntaxNode;
  evaluate(input: undefined, bindings: object): Promise<unknown>;
}

const jsonata = createRequire(import.meta.url)('jsonata') as (source: string) => Packaged;

const name = fc.constantFrom('a', 'b', 'c', 'list', 'k y', 'constructor', 'toString', '10', '2');
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, -1, 2.5, 1e21, 0.1, 123456789.12345679, '', 'x', 'ü"\\'),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
);
const data: fc.Arbitrary<Json> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value as fc.Arbitrary<Json>;

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const literal = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '1', '-1', '2.50', '1e21', '0.1'),
  fc.constantFrom('', 'x', 'a b', 'it is $9').map((text) => JSON.stringify(text)),
  fc.constantFrom('[', '{', 'x').map(quoted),
);
const step = fc.oneof(
  name.map((word) => `.\`${word}\``),
  fc.constantFrom('[0]', '[-1]', '[1]', '[7]', '[0][1]'),
);
const path = fc
  .tuple(
    fc.constantFrom('$states.input', '$states.context', '$v', '$w', '$states', '$missing'),
    fc.array(step, { maxLength: 4 }),
  )
  .map(([root, steps]) => root + steps.join(''));

const expression = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    path,
    literal,
    fc
      .tuple(
        tie('e'),
        fc.constantFrom('&', '=', '!=', '<', '<=', '>', '>=', 'and', 'or', '+', '-', '*'),
        tie('e'),
      )
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    fc.array(tie('e'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .uniqueArray(fc.tuple(name, tie('e')), { maxLength: 3, selector: ([key]) => key })
      .map((pairs) => `{${pairs.map(([key, value]) => `${quoted(key)}: ${value}`).join(', ')}}`),
    fc.tuple(tie('e'), tie('e'), tie('e')).map(([c, t, e]) => `(${c}) ? (${t}) : (${e})`),
    tie('e').map((inner) => `$exists(${inner})`),
    tie('e').map((inner) => `$not(${inner})`),
  ),
})).e;

/** What the package answers: its value as JSON text, 'nothing', or 'error'. */
async function packaged(source: string, scope: JsonataScope): Promise<string> {
  try {
    const bindings = withoutPrototypes({ ...scope.variables, states: scope.states });
    const value = await jsonata(source).evaluate(undefined, bindings as object);
    return value === undefined ? 'nothing' : JSON.stringify(value);
  } catch {
    return 'error';
  }
}

/** In data without prototypes `constructor` is a key like any other, as it is in the fast path. */
function withoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutPrototypes);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, part] of Object.entries(value)) {
    copy[key] = withoutPrototypes(part);
  }
  return copy;
}

describe('the fast path of JSONata', () => {
  it('gives what the package gives, wherever it does not give up, for any expression and data', async () => {
    let answered = 0;
    let total = 0;
    await fc.assert(
      fc.asyncProperty(expression, data, data, data, async (source, input, v, w) => {
        const scope: JsonataScope = {
          states: { input, context: { a: { b: input } } },
          variables: { v, w },
        };
        const fast = compileFastPath(jsonata(source).ast());
        total += 1;
        const value = fast === undefined ? GIVE_UP : fast(scope);
        if (value === GIVE_UP) {
          return;
        }
        answered += 1;
        const text = value === undefined ? 'nothing' : JSON.stringify(value);
        expect(text, source).toBe(await packaged(source, scope));
      }),
      { numRuns: 5_000 },
    );
    expect(answered / total).toBeGreaterThan(0.3);
  });

  it.each([
    ['$states.input.a.b[0]', 1],
    ['$states.input', { a: { b: [1, [2, 3]] }, empty: [] }],
    ['$states.input.empty', []],
    ['$states.input.a.b[1]', [2, 3]],
    ['$states.input.a.b[1][0]', 2],
    ['$states.input.a.b[-1][-1]', 3],
    ['$states.input.missing.more', undefined],
    ['[$states.input.a.b, 4]', [1, [2, 3], 4]],
    ["{'n': $v, 'gone': $states.input.no}", { n: 'x' }],
    ["'a' & 1.5 & true & null & [1] & {'b': 2}", 'a1.5truenull[1]{"b":2}'],
    ["$exists($states.input.a) and $v = 'x' ? 'yes' : 'no'", 'yes'],
    ['$states.input.constructor', undefined],
  ])('answers %s at once', (source, expected) => {
    const scope: JsonataScope = {
      states: { input: { a: { b: [1, [2, 3]] }, empty: [] }, context: {} },
      variables: { v: 'x' },
    };
    expect(compileFastPath(jsonata(source).ast())?.(scope)).toEqual(expected);
  });

  it.each([
    '$sum([1])',
    '$v[a=1]',
    '$v.*',
    '$v[]',
    '$v{a: b}',
    '$states.(input)',
    '$',
    '$f := 1',
    '1 / 2',
    "{'__proto__': 1}",
    "{'a': 1, 'a': 2}",
  ])('leaves %s to the package', (source) => {
    expect(compileFastPath(jsonata(source).ast())).toBeUndefined();
  });

  it.each([
    ['$states.input.items.n', 'maps over an array'],
    ['$nope', 'reads what no variable is'],
    ["1 + 'x'", 'has a type error'],
    ['$states.input.big * $states.input.big', 'leaves the range of numbers'],
    ["1 < 'x'", 'compares what cannot be compared'],
  ])('gives up where %s %s', (source) => {
    const input = { items: [{ n: 1 }, { n: 2 }], big: 1e200 };
    const fast = compileFastPath(jsonata(source).ast());
    expect(fast?.({ states: { input, context: {} }, variables: {} })).toBe(GIVE_UP);
  });
});
