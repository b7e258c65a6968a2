import { describe, expect, it } from 'vitest';
import { compileIntrinsic } from '../../../lib/engine/intrinsics/call.ts';
import { IntrinsicInvalid } from '../../../lib/engine/intrinsics/invalid.ts';
import type { Json } from '../../../lib/json.ts';

function call(text: string, input: Json = {}, random?: () => number): Json {
  return compileIntrinsic(text)({
    input,
    context: { StateMachine: { Name: 'a-b-7' } },
    variables: { v: 'x' },
    ...(random === undefined ? {} : { random }),
  });
}

describe('an intrinsic function', () => {
  it.each([
    ["States.Array('a', 1, null, true, $.x)", { x: [1] }, ['a', 1, null, true, [1]]],
    ['States.Array()', {}, []],
    ['States.ArrayPartition($.a, 2)', { a: [1, 2, 3] }, [[1, 2], [3]]],
    ['States.ArrayPartition($.a, 2)', { a: [] }, []],
    ['States.ArrayContains($.a, $.x)', { a: [[1, { b: 2 }]], x: [1, { b: 2 }] }, true],
    ['States.ArrayContains($.a, 5)', { a: [1] }, false],
    ['States.ArrayRange(1, 9, 2)', {}, [1, 3, 5, 7, 9]],
    ['States.ArrayRange(9, 1, -4)', {}, [9, 5, 1]],
    ['States.ArrayRange(1, 0, 1)', {}, []],
    ['States.ArrayGetItem($.a, 1)', { a: [1, null] }, null],
    ['States.ArrayLength($.a)', { a: [1, [2]] }, 2],
    [
      'States.ArrayUnique($.a)',
      { a: [1, '1', 1, [2], [2], { a: 1 }, { a: 1 }] },
      [1, '1', [2], { a: 1 }],
    ],
  ])('on arrays: %s', (text, input, expected) => {
    expect(call(text, input as Json)).toEqual(expected);
  });

  it.each([
    ["States.Base64Encode('Data to encode')", {}, 'RGF0YSB0byBlbmNvZGU='],
    ["States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", {}, 'Data to encode'],
    ["States.Base64Decode('')", {}, ''],
    ["States.Hash('input data', 'SHA-1')", {}, 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ['States.JsonToString($)', { a: 1, b: [] }, '{"a":1,"b":[]}'],
    ['States.StringToJson($.s)', { s: '{"a": 1}' }, { a: 1 }],
    ['States.StringToJson($.s)', { s: ' ' }, null],
    ['States.StringToJson($.s)', { s: '-0' }, 0],
    [
      'States.JsonMerge($.a, $.b, false)',
      { a: { x: 1, y: { z: 1 } }, b: { y: {} } },
      { x: 1, y: {} },
    ],
    ['States.MathAdd($.a, 1)', { a: 1.49 }, 2],
    ['States.MathAdd(-1.5, 0)', {}, -1],
    ['States.MathAdd(-0.5, 0)', {}, 0],
    ['States.MathAdd(2.5, 0)', {}, 3],
    ["States.StringSplit('1,2;;3', ',;')", {}, ['1', '2', '3']],
    ["States.StringSplit('Hello\nWorld', '\n')", {}, ['Hello', 'World']],
    ["States.StringSplit(',,', ',')", {}, []],
    ["States.Format('{}-{}', $v, 1.1)", {}, 'x-1.1'],
    [
      "States.Format('{}', $)",
      { a: 1, b: [], c: [null, 'x', { d: true }] },
      '{a=1, b=[], c=[null, x, {d=true}]}',
    ],
    ["States.Format('It\\'s \\{{}\\} \\\\', $v)", {}, "It's {x} \\"],
  ])('on other values: %s', (text, input, expected) => {
    expect(call(text, input as Json)).toEqual(expected);
  });

  it('takes other calls as arguments', () => {
    const text =
      "States.ArrayGetItem(States.StringSplit($$.StateMachine.Name, '-'), States.MathAdd(States.ArrayLength(States.StringSplit($$.StateMachine.Name, '-')), -1))";
    expect(call(text)).toBe('7');
  });

  it("uses the run's randomness, and repeats a number for a seed", () => {
    expect(call('States.UUID()', {}, () => 0)).toBe('00000000-0000-4000-8000-000000000000');
    expect(call('States.MathRandom(10, 20)', {}, () => 0.99)).toBe(19);
    const seeded = call('States.MathRandom(1, 1000, 42)');
    expect(call('States.MathRandom(1, 1000, 42)')).toBe(seeded);
    expect(seeded).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ['States.ArrayGetItem($.a, 9)', 'The index 9 is outside the array'],
    ['States.ArrayGetItem($.a, -1)', 'The index -1 is outside the array'],
    ['States.ArrayLength($.s)', 'Argument 1 must be an array, but is a string'],
    ['States.ArrayPartition($.a, 0)', 'must be a positive number'],
    ['States.ArrayRange(0, 10, 0)', 'The step is 0'],
    ['States.ArrayRange(0, 1000, 1)', 'at most 1000'],
    ['States.StringToJson($.s)', 'not valid JSON'],
    ['States.JsonMerge($, $, true)', 'Argument 3 must be false'],
    ['States.JsonMerge($.a, $, false)', 'must be objects'],
    ["States.Base64Decode('***')", 'not a Base64 string'],
    ["States.Hash('x', 'CRC')", 'The algorithm must be one of'],
    ["States.Format('{} {}', 1)", 'The template has 2 {} and there are 1 arguments'],
    ["States.MathAdd('1', 2)", 'Argument 1 must be a number'],
    ['States.MathRandom(5, 5)', 'must be greater'],
    ['States.Base64Encode($.long)', 'at most 10000'],
  ])('fails with States.IntrinsicFailure: %s', (text, reason) => {
    const input = { a: [1], s: 'text', long: 'x'.repeat(10_001) };
    expect(() => call(text, input)).toThrow('States.IntrinsicFailure');
    expect(() => call(text, input)).toThrow(reason);
  });

  it('fails with States.Runtime where a path finds nothing', () => {
    expect(() => call("States.Format('{}', $.a.b)", { c: 1 })).toThrow(
      `States.Runtime: The function 'States.Format('{}', $.a.b)' had the following error: The JsonPath argument for the field '$.a.b' could not be found in the input '{"c":1}'`,
    );
  });

  it.each([
    'States.Nope()',
    'States.UUID(1)',
    'States.ArrayLength()',
    'States.Format(\'He said, \\"Hi\\"\')',
    "States.StringToJson('a\\nb')",
    "States.Array('unterminated)",
    'States.Array(1,)',
    'States.Array(1) x',
    'Array(1)',
    'States.Array(a)',
    "'text'",
    'States.Array($.a[)',
    `${'States.Array('.repeat(11)}1${')'.repeat(11)}`,
  ])('rejects %s', (text) => {
    expect(() => compileIntrinsic(text)).toThrow(IntrinsicInvalid);
  });
});
