import { describe, expect, it } from 'vitest';
import { StateFailure } from '../../../lib/engine/failure.ts';
import { compileExpression, expressionSource } from '../../../lib/engine/jsonata/expression.ts';
import { ExpressionInvalid } from '../../../lib/engine/jsonata/invalid.ts';
import type { JsonataScope } from '../../../lib/engine/jsonata/scope.ts';

const scope: JsonataScope = {
  states: {
    input: { items: [{ n: 1 }, { n: 2 }], text: 'abc', obj: { a: 1 } },
    context: { Execution: { Name: 'run' } },
  },
  variables: { x: [1, 2, 3] },
};

async function evaluate(source: string, changes: Partial<JsonataScope> = {}): Promise<unknown> {
  return compileExpression(source, 'Output/r').evaluate({ ...scope, ...changes });
}

async function failure(source: string): Promise<StateFailure> {
  const caught = await evaluate(source).catch((error: unknown) => error);
  expect(caught).toBeInstanceOf(StateFailure);
  return caught as StateFailure;
}

function sentence(source: string, rest: string): string {
  return `The JSONata expression '${source}' specified for the field 'Output/r' ${rest}`;
}

describe('a JSONata expression', () => {
  it.each([
    ['$states.input.items.n', [1, 2]],
    ['$states.input.items[n = 2]', { n: 2 }],
    ['[$states.input.items[n = 9]]', []],
    ['$sum($x) + 1', 7],
    ['$states.context.Execution.Name', 'run'],
    ['$map($x, function($v) { $v * 2 })', [2, 4, 6]],
    ['$contains("hello$world", /^hello\\$/)', true],
    ['1/0', 'Infinity'],
    ['$sort([3, 1, 2])', [1, 2, 3]],
    ['$sort($states.input.items, function($l, $r) { $l.n < $r.n }).n', [2, 1]],
    ['$distinct([1, "1", 1, {"a": 1}, {"a": 1}])', [1, '1', { a: 1 }]],
    ['$pad("x", -3, "#")', '##x'],
    ['$states.input.items{"k": n}', { k: [1, 2] }],
    ['$exists($states.input.toString)', false],
  ])('evaluates %s', async (source, expected) => {
    expect(await evaluate(source)).toEqual(expected);
  });

  it.each([
    ['$range(0, 9, 3)', [0, 3, 6, 9]],
    ['$range(1, 9, 9)', 1],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$count($range(1, 200000, 1))', 200_000],
    ['$partition([1, 2, 3], 2)', [[1, 2], [3]]],
    ['$partition([0], 2)', [[0]]],
    ['$hash("input", "SHA-1")', '140f86aae51ab9e1cda9b4254fe98a74eb54c1a1'],
    ['$random(42)', 0.7275636800328681],
    ['$parse("{\\"a\\":1}").a', 1],
  ])('has the functions that AWS adds: %s', async (source, expected) => {
    expect(await evaluate(source)).toEqual(expected);
  });

  it("reads the run's clock and randomness", async () => {
    const changes = { now: () => 0, random: () => 0.5 };
    expect(await evaluate('$now()', changes)).toBe('1970-01-01T00:00:00.000Z');
    expect(await evaluate('$now("[Y]")', changes)).toBe('1970');
    expect(await evaluate('$millis()', changes)).toBe(0);
    expect(await evaluate('$random()', changes)).toBe(0.5);
    expect(await evaluate('$uuid()', changes)).toBe('88888888-8888-4888-8888-888888888888');
  });

  it.each([
    '$states.input.empty{"k": n}',
    '$states.input.list[]',
    '$v.list[].n',
    '$count($v.empty{"a": b})',
  ])('leaves the data as it was: %s', async (source) => {
    const data = { empty: [], list: [{ n: 1 }] };
    const before = structuredClone(data);
    await evaluate(source, { states: { input: data, context: {} }, variables: { v: data } });
    expect(data).toStrictEqual(before);
    expect(Object.keys(data.list)).toEqual(['0']);
  });

  it('sees a variable that hides a function', async () => {
    expect(await evaluate('$exists', { variables: { exists: 7 } })).toBe(7);
  });

  it('fails with the field in the cause when the result is nothing', async () => {
    const caught = await failure('$states.input.missing');
    expect(caught.error).toBe('States.QueryEvaluationError');
    expect(caught.cause).toBe(sentence('$states.input.missing', 'returned nothing (undefined).'));
    expect(caught.evaluation).toEqual({ location: 'Output/r' });
  });

  it.each([
    ['$eval("1+1")', 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    [
      '$sum(["a"])',
      'threw an error during evaluation. T0412: Argument 1 of function "sum" must be an array of "numbers"',
    ],
    ['$f := function($x){$x}', 'returned an unsupported result type.'],
    ['{"f": $sum}', 'returned an unsupported result type.'],
  ])('fails in the words of AWS: %s', async (source, rest) => {
    expect((await failure(source)).cause).toBe(sentence(source, rest));
  });

  it.each([
    ['a[1,2)', 'Expected "]", got ","'],
    ['1 +', 'Unexpected end of expression'],
    ['"unterminated', 'String literal must be terminated by a matching quote'],
  ])('rejects what cannot be parsed: %s', (source, reason) => {
    expect(() => compileExpression(source)).toThrow(ExpressionInvalid);
    expect(() => compileExpression(source)).toThrow(reason);
  });

  it('is only a string that starts with {% and ends with %}', () => {
    expect(expressionSource('{% $x %}')).toBe('$x');
    expect(expressionSource('{%$x%}')).toBe('$x');
    expect(expressionSource(' {% $x %}')).toBeUndefined();
    expect(expressionSource('{%}')).toBeUndefined();
  });
});
