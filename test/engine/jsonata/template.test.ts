import { describe, expect, it } from 'vitest';
import type { JsonataScope } from '../../../lib/engine/jsonata/scope.ts';
import { compileJsonataTemplate } from '../../../lib/engine/jsonata/template.ts';
import type { Json } from '../../../lib/json.ts';

const scope: JsonataScope = {
  states: { input: { a: { b: [1, 2] }, n: 7 }, context: {} },
  variables: { v: 'x' },
};

describe('a JSONata template', () => {
  it('replaces the expressions, at any depth, and nothing else', () => {
    const template = compileJsonataTemplate(
      {
        n: '{% $states.input.n %}',
        list: [{ v: '{% $v %}' }, 'plain {% $v %}', null],
        k: ' {% 1 %}',
      },
      'Output',
    );
    expect(template.evaluate(scope)).toEqual({
      n: 7,
      list: [{ v: 'x' }, 'plain {% $v %}', null],
      k: ' {% 1 %}',
    });
  });

  it('reuses what holds no expression', () => {
    const constant = { deep: ['kept'] };
    const template = compileJsonataTemplate({ constant, n: '{% $states.input.n %}' }, 'Output');
    expect((template.evaluate(scope) as { constant: Json }).constant).toBe(constant);
    expect(compileJsonataTemplate(constant, 'Output').constant).toBe(constant);
  });

  it('is a promise only when an expression needs the package', async () => {
    const slow = compileJsonataTemplate({ sum: '{% $sum([1, 2]) %}', v: '{% $v %}' }, 'Output');
    const value = slow.evaluate(scope);
    expect(value).toBeInstanceOf(Promise);
    expect(await value).toEqual({ sum: 3, v: 'x' });
  });

  it('keeps __proto__ as a key like any other', () => {
    const value = JSON.parse('{"__proto__": "{% $v %}", "a": "{% $v %}"}') as Json;
    const result = compileJsonataTemplate(value, 'Output').evaluate(scope);
    expect(JSON.stringify(result)).toBe('{"__proto__":"x","a":"x"}');
  });

  it.each([
    [{ a: { b: '{% $no %}' } }, 'Output/a/b'],
    [['x', '{% $no %}'], 'Output[1]'],
    [{ values: ['{% $no %}'] }, 'Output/values[0]'],
    ['{% $no %}', 'Output'],
  ])('fails with the place of the expression: %j', async (value, location) => {
    const evaluation = compileJsonataTemplate(value, 'Output').evaluate(scope);
    await expect(evaluation).rejects.toMatchObject({
      error: 'States.QueryEvaluationError',
      evaluation: { location },
    });
  });

  it('fails with the first of several in the order of the text', async () => {
    const value = { slow: '{% $sum(["a"]) %}', fast: '{% $states.input.no %}' };
    const evaluation = compileJsonataTemplate(value, 'Output').evaluate(scope);
    await expect(evaluation).rejects.toMatchObject({ evaluation: { location: 'Output/slow' } });
  });
});
