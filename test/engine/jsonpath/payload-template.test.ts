import { describe, expect, it } from 'vitest';
import { compilePayloadTemplate } from '../../../lib/engine/jsonpath/payload-template.ts';
import type { PathScope } from '../../../lib/engine/jsonpath/scope.ts';
import { DefinitionInvalid } from '../../../lib/errors.ts';
import type { Json } from '../../../lib/json.ts';

const scope: PathScope = {
  input: { a: 1, list: [1, 2], nothing: null },
  context: { Execution: { Name: 'run' } },
  variables: { v: 'x' },
};

describe('a payload template', () => {
  it('reads paths, variables, the context and intrinsic functions at any depth', () => {
    const template: Json = {
      'a.$': '$.a',
      constant: '$.a',
      deep: [{ 'v.$': '$v', 'name.$': '$$.Execution.Name' }, 'kept'],
      'sum.$': 'States.MathAdd($.a, 2)',
      'null.$': '$.nothing',
    };
    expect(compilePayloadTemplate(template)(scope)).toEqual({
      a: 1,
      constant: '$.a',
      deep: [{ v: 'x', name: 'run' }, 'kept'],
      sum: 3,
      null: null,
    });
  });

  it('keeps the order of its fields', () => {
    const payload = compilePayloadTemplate({ z: 1, 'a.$': '$.a', m: 2 })(scope);
    expect(Object.keys(payload as object)).toEqual(['z', 'a', 'm']);
  });

  it('is itself when it holds no path', () => {
    const template = { a: [1, { b: 2 }] };
    expect(compilePayloadTemplate(template)(scope)).toBe(template);
  });

  it('keeps __proto__ as a key like any other', () => {
    const payload = compilePayloadTemplate(JSON.parse('{"__proto__.$": "$.nothing", "b": 1}'))(
      scope,
    );
    expect(JSON.stringify(payload)).toBe('{"__proto__":null,"b":1}');
  });

  it('fails in the words of AWS where a path finds nothing', () => {
    const template = compilePayloadTemplate({ 'missing.$': '$.nope.deep' });
    expect(() => template({ ...scope, input: { other: 1 } })).toThrow(
      `States.Runtime: The JSONPath '$.nope.deep' specified for the field 'missing.$' could not be found in the input '{"other":1}'`,
    );
  });

  it.each([{ 'a.$': 'text' }, { 'a.$': '$.a[' }, { 'a.$': 1 }, { 'a.$': "States.Nope('x')" }])(
    'rejects %j',
    (template) => {
      expect(() => compilePayloadTemplate(template)).toThrow(DefinitionInvalid);
    },
  );
});
