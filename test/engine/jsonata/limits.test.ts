import { describe, expect, it } from 'vitest';
import { StateFailure } from '../../../lib/engine/failure.ts';
import { compileExpression } from '../../../lib/engine/jsonata/expression.ts';
import { ExpressionInvalid } from '../../../lib/engine/jsonata/invalid.ts';
import type { JsonataScope } from '../../../lib/engine/jsonata/scope.ts';
import { processorTime } from './processor-time.ts';

const scope: JsonataScope = { states: { input: {}, context: {} }, variables: {} };
const STACK = 'Stack overflow error: Check for non-terminating recursive function.';
const MEMORY = 'Expression evaluation memory limit exceeded: Check for excessive memory usage';
const TIME = 'Expression evaluation timeout';

function sumOf(terms: number): string {
  return Array(terms).fill('$sum([1])').join('+');
}

async function causeOf(source: string): Promise<string> {
  const caught = await Promise.resolve()
    .then(() => compileExpression(source, 'Output').evaluate(scope))
    .catch((error: unknown) => error);
  expect(caught, source).toBeInstanceOf(StateFailure);
  return (caught as StateFailure).cause ?? '';
}

describe('a hostile JSONata expression', () => {
  it.each([
    ['recurses without end', '($f := function($x){ $f($x + 1) + 1 }; $f(1))', STACK],
    ['loops without end by tail calls', '($f := function($x){ $f($x + 1) }; $f(1))', TIME],
    ['nests deeper than AWS evaluates', sumOf(120), STACK],
    ['holds a range of 900,000 numbers', '$sum([1..900000])', MEMORY],
    [
      'doubles a string',
      "($p := function($s, $n){ $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p('x', 31)))",
      MEMORY,
    ],
    [
      'doubles an array that shares its parts',
      '($g := function($v, $n){ $n = 0 ? $v : $g([[$v], [$v]], $n - 1) }; $g([1], 60))',
      MEMORY,
    ],
    ['pads a string to a gigabyte', "$pad('', 1000000000)", MEMORY],
    ['backtracks without end', `$contains("${'a'.repeat(60)}!", /^(a+)+$/)`, TIME],
    ['backtracks over a long text', `$match("${'a'.repeat(50_000)}", /a*a*a*a*a*b/)`, TIME],
  ])('fails in time when it %s', async (_what, source, cause) => {
    const start = processorTime();
    expect(await causeOf(source)).toContain(cause);
    expect(processorTime() - start).toBeLessThan(1_500);
  });

  it.each([
    '{}.__proto__',
    '$lookup({}, "__proto__")',
    '$lookup({}, "constructor")',
    '($p := $lookup({}, "__pro" & "to__"); $d := $lookup({}, "__define" & "Getter__"); $p.($d("polluted", $sum)))',
    '[{}].constructor',
    '$map(["__proto__"], function($k){ $lookup({}, $k) })',
  ])("fails to reach the process's own objects: %s", async (source) => {
    await causeOf(source);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('fails when the data is nested deeper than it can be walked', async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level += 1) {
      deep = [deep];
    }
    const nested: JsonataScope = {
      states: { input: { deep } as never, context: {} },
      variables: {},
    };
    const evaluation = compileExpression('$count($states.input.deep)', 'Output').evaluate(nested);
    await expect(evaluation).rejects.toThrow('States.QueryEvaluationError');
  });

  it.each([1_000, 1_500, 3_000, 10_000, 100_000])(
    'fails by name when it is nested %i deep',
    async (depth) => {
      for (const source of [
        `${'('.repeat(depth)}1${')'.repeat(depth)}`,
        Array(depth).fill('1').join('&'),
        `${'['.repeat(depth)}1${']'.repeat(depth)}`,
      ]) {
        const caught = await Promise.resolve()
          .then(() => compileExpression(source).evaluate(scope))
          .catch((error: unknown) => error);
        expect(caught instanceof ExpressionInvalid || caught instanceof StateFailure).toBe(true);
      }
    },
  );

  it('leaves the other expressions that were started beside it alone', async () => {
    const hostile = causeOf('($f := function($x){ $f($x + 1) }; $f(1))');
    const honest = Array.from({ length: 50 }, (_, index) =>
      compileExpression(`$sum([${index}, 1])`).evaluate(scope),
    );
    expect(await Promise.all(honest)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(await hostile).toContain(TIME);
  });

  it('counts only what is nested: groups and items beside each other are not deep', async () => {
    const items = Array.from({ length: 2_000 }, (_, n) => ({ id: `k${n}`, n }));
    const wide: JsonataScope = { states: { input: { items }, context: {} }, variables: {} };
    const grouped = await compileExpression('$states.input.items{id: n + 1}').evaluate(wide);
    expect(Object.keys(grouped as object)).toHaveLength(2_000);
    const list = `[${items.map(({ n }) => `$sum([${n}])`).join(', ')}]`;
    expect(await compileExpression(list).evaluate(wide)).toHaveLength(2_000);
  });

  it('sorts 40,000 numbers and finds the distinct ones in time', async () => {
    const source = '$count($distinct($sort($map([1..40000], function($i){ $i % 1000 }))))';
    expect(await compileExpression(source).evaluate(scope)).toBe(1_000);
  });
});

it('is not charged for what else the thread does while it is evaluated', async () => {
  const source = '$sum([1..400].($ * 2 + 1))';
  const start = processorTime();
  let busy = true;
  const beside = (async () => {
    while (busy && processorTime() - start < 1_500) {
      const from = processorTime();
      while (processorTime() - from < 2);
      await undefined;
    }
  })();
  expect(await compileExpression(source, 'Output').evaluate(scope)).toBe(160_800);
  busy = false;
  await beside;
  expect(processorTime() - start).toBeGreaterThan(1_000);
});
