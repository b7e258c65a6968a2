import { describe, expect, it } from 'vitest';
import { compileChoiceRule } from '../../../lib/engine/choice/rule.ts';
import { DefinitionInvalid } from '../../../lib/errors.ts';
import type { Json, JsonObject } from '../../../lib/json.ts';
import { processorTime } from '../jsonata/processor-time.ts';

function decide(rule: JsonObject, input: Json, variables: Record<string, Json> = {}): boolean {
  return compileChoiceRule(rule, 'JSONPath')({ input, context: { n: 1 }, variables });
}

const SUFFIXES = ['Equals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
const ORDERS: Readonly<Record<string, readonly [boolean, boolean, boolean]>> = {
  // the value is less, equal, greater
  Equals: [false, true, false],
  LessThan: [true, false, false],
  LessThanEquals: [true, true, false],
  GreaterThan: [false, false, true],
  GreaterThanEquals: [false, true, true],
};
const VALUES: Readonly<Record<string, readonly [Json, Json, Json]>> = {
  String: ['A', 'AB', 'b'],
  Numeric: [-1, 0, 1.5],
  Timestamp: ['2012-10-09T19:00:55Z', '2012-10-09T20:00:56.5+01:00', '2012-10-09T19:00:57Z'],
};

describe('a Choice rule in JSONPath', () => {
  describe.each(Object.keys(VALUES))('%s', (type) => {
    it.each(SUFFIXES)('%s, with a literal and with a path', (suffix) => {
      const [less, middle, greater] = VALUES[type]!;
      const outcomes = [less, middle, greater].map((value) =>
        decide({ Variable: '$.v', [`${type}${suffix}`]: middle }, { v: value }),
      );
      expect(outcomes).toEqual(ORDERS[suffix]);
      const byPath = [less, middle, greater].map((value) =>
        decide({ Variable: '$.v', [`${type}${suffix}Path`]: '$.o' }, { v: value, o: middle }),
      );
      expect(byPath).toEqual(ORDERS[suffix]);
    });
  });

  it.each([
    [true, true, true],
    [true, false, false],
    [0, false, false],
    ['', false, false],
    [null, false, false],
    ['true', true, false],
  ])('BooleanEquals: %j against %j', (value, operand, expected) => {
    expect(decide({ Variable: '$.v', BooleanEquals: operand }, { v: value })).toBe(expected);
    const rule = { Variable: '$.v', BooleanEqualsPath: '$.o' };
    expect(decide(rule, { v: value, o: operand })).toBe(expected);
  });

  it('never holds for a value of another type', () => {
    for (const value of [null, true, '', '1', [], {}] as Json[]) {
      expect(decide({ Variable: '$.v', NumericEquals: 1 }, { v: value })).toBe(false);
      expect(decide({ Variable: '$.v', NumericLessThan: 9 }, { v: value })).toBe(false);
    }
    expect(decide({ Variable: '$.v', StringEquals: '1' }, { v: 1 })).toBe(false);
  });

  it.each([
    ['log-*.txt', 'log-1.txt', true],
    ['log-*.txt', 'log-.txt.txt', true],
    ['log-*.txt', 'log.txt', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a1b2b3c', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a\\\\*', 'a\\bc', true],
    ['.', 'x', false],
    ['plain', 'plain', true],
  ])('StringMatches: %s against %s', (pattern, text, expected) => {
    expect(decide({ Variable: '$.v', StringMatches: pattern }, { v: text })).toBe(expected);
  });

  it('matches in time whatever the pattern and the text', () => {
    const start = processorTime();
    const rule = { Variable: '$.v', StringMatches: `${'*a'.repeat(2_000)}b` };
    expect(decide(rule, { v: 'a'.repeat(200_000) })).toBe(false);
    expect(processorTime() - start).toBeLessThan(1_500);
  });

  it.each([
    ['IsNull', null, true],
    ['IsNull', '', false],
    ['IsString', '', true],
    ['IsString', 1, false],
    ['IsNumeric', 1.5, true],
    ['IsNumeric', '1', false],
    ['IsBoolean', false, true],
    ['IsBoolean', 0, false],
    ['IsTimestamp', '2001-01-01T12:00:00Z', true],
    ['IsTimestamp', '2001-01-01T12:00:00', false],
    ['IsTimestamp', '2001-01-01', false],
    ['IsTimestamp', '2001-13-01T12:00:00Z', false],
    ['IsTimestamp', '2001-02-30T12:00:00Z', false],
    ['IsTimestamp', '2001-01-01T25:00:00Z', false],
    ['IsTimestamp', 1, false],
  ])('%s of %j is %s', (operator, value, expected) => {
    expect(decide({ Variable: '$.v', [operator]: true }, { v: value })).toBe(expected);
    expect(decide({ Variable: '$.v', [operator]: false }, { v: value })).toBe(!expected);
  });

  it.each([
    ['$.v', true],
    ['$.none.deep', false],
    ['$.v[0]', false],
    ['$x', true],
    ['$y', false],
    ['$$.n', true],
  ])('IsPresent of %s is %s', (path, expected) => {
    expect(decide({ Variable: path, IsPresent: true }, { v: null }, { x: 1 })).toBe(expected);
    expect(decide({ Variable: path, IsPresent: false }, { v: null }, { x: 1 })).toBe(!expected);
  });

  it('joins rules by And, Or and Not', () => {
    const small: JsonObject = { Variable: '$.v', NumericLessThan: 10 };
    const big: JsonObject = { Variable: '$.v', NumericGreaterThan: 5 };
    expect(decide({ And: [small, big] }, { v: 7 })).toBe(true);
    expect(decide({ And: [small, { Not: big }] }, { v: 7 })).toBe(false);
    expect(decide({ Or: [{ Not: small }, { Not: big }] }, { v: 3 })).toBe(true);
  });

  it('looks no further than it must', () => {
    const missing: JsonObject = { Variable: '$.none', IsString: true };
    const present: JsonObject = { Variable: '$.v', IsPresent: true };
    expect(decide({ Or: [present, missing] }, { v: 1 })).toBe(true);
    expect(decide({ And: [{ Not: present }, missing] }, { v: 1 })).toBe(false);
  });

  it.each<JsonObject>([
    { Variable: '$.none', NumericEquals: 1 },
    { Variable: '$.none', IsString: false },
    { Variable: '$.v', StringEqualsPath: '$.none' },
    { Not: { Variable: '$.none', StringEquals: 'x' } },
  ])('fails with States.Runtime where a path finds nothing: %j', (rule) => {
    expect(() => decide(rule, { v: 'x' })).toThrow(
      "States.Runtime: Invalid path '$.none': The choice state's condition path references an invalid value.",
    );
  });

  it.each<JsonObject>([
    { Variable: '$.v' },
    { Variable: '$.v', StringEqual: 'x' },
    { Variable: 'v', StringEquals: 'x' },
    { Variable: '$.v', constructor: 'x' },
  ])('rejects %j', (rule) => {
    expect(() => compileChoiceRule(rule, 'JSONPath')).toThrow(DefinitionInvalid);
  });
});

describe('a Choice rule in JSONata', () => {
  const scope = { states: { input: { n: 1, s: 'x' }, context: {} }, variables: { v: [1, 2] } };
  const decideBy = async (condition: Json) =>
    compileChoiceRule({ Condition: condition }, 'JSONata', 'Choices[1]')(scope);

  it.each([
    [true, true],
    [false, false],
    ['{% $states.input.n = 1 %}', true],
    ['{% $sum($v) > 5 %}', false],
    ["{% $exists($states.input.none) or $states.input.s = 'x' %}", true],
  ])('decides by %j', async (condition, expected) => {
    expect(await decideBy(condition)).toBe(expected);
  });

  it('fails with States.QueryEvaluationError for a result that is no boolean', async () => {
    await expect(decideBy('{% $states.input.n %}')).rejects.toMatchObject({
      error: 'States.QueryEvaluationError',
      cause:
        "The JSONata expression '$states.input.n' specified for the field 'Choices[1]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1",
      evaluation: { location: 'Choices[1]/Condition' },
    });
    await expect(decideBy('{% $sum($v) %}')).rejects.toThrow("Expected 'boolean'");
  });

  it.each(['plain', 1, null, '{% 1 + %}'])('rejects the condition %j', async (condition) => {
    await expect(decideBy(condition)).rejects.toThrow(DefinitionInvalid);
  });
});
