import { describe, expect, it } from 'vitest';
import { validateDefinition } from '../../../lib/engine/definition/validate.ts';
import type { Json, JsonObject } from '../../../lib/json.ts';
import { processorTime } from '../jsonata/processor-time.ts';
import { lone, machine, pass } from './machine.ts';

describe('a hostile definition', () => {
  const nested = (depth: number, open: string, close: string) =>
    open.repeat(depth) + close.repeat(depth);

  it.each<[string, string | (() => Json)]>([
    ['of two megabytes', `{"Comment": "${'x'.repeat(2_000_000)}"}`],
    ['nested 200,000 deep', nested(200_000, '[', ']')],
    [
      'with a field nested 200,000 deep',
      `{"StartAt":"S","States":{"S":{"Type":"Pass","End":true,"Result":${nested(200_000, '[', ']')}}}}`,
    ],
    [
      'with Nots nested 900 deep',
      `{"StartAt":"S","States":{"S":{"Type":"Choice","Default":"S","Choices":[{"Next":"S",${'"Not":{'.repeat(900)}"Variable":"$.a","IsNull":true${'}'.repeat(900)}}]}}}`,
    ],
    [
      'with branches nested 300 deep',
      `{"StartAt":"S","States":{"S":`.repeat(1) +
        '{"Type":"Parallel","End":true,"Branches":[{"StartAt":"S","States":{"S":'.repeat(200) +
        '{"Type":"Pass"}' +
        '}}]}'.repeat(200) +
        '}}',
    ],
    [
      'of a million states',
      () => Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`s${i}`, pass])),
    ],
    [
      'whose expression is nested 100,000 deep',
      JSON.stringify(
        lone(
          { Type: 'Pass', Output: `{% ${nested(100_000, '(', ')')} %}` },
          { QueryLanguage: 'JSONata' },
        ),
      ),
    ],
    [
      'whose path is a megabyte of brackets',
      JSON.stringify(lone({ Type: 'Pass', InputPath: `$${'['.repeat(500_000)}` })),
    ],
    [
      'whose keys are those of a prototype',
      '{"StartAt":"__proto__","States":{"__proto__":{"Type":"constructor","__proto__":1},"constructor":{"Type":"Pass"}},"toString":1}',
    ],
  ])('%s is answered with a named error in time', (_what, made) => {
    const definition: string | Json =
      typeof made === 'string' ? made : machine(made() as JsonObject, { toString: 1 });
    const start = processorTime();
    const validation = validateDefinition(definition);
    expect(processorTime() - start).toBeLessThan(1_500);
    expect(validation.result).toBe('FAIL');
    expect(validation.diagnostics[0]?.code).toMatch(/^[A-Z_]+$/);
    expect(validation.diagnostics.length).toBeLessThanOrEqual(100);
  });

  it('with more faults than are listed says so', () => {
    const states = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [`s${i}`, { Type: 'Nope' }]),
    );
    const validation = validateDefinition(machine(states));
    expect(validation.diagnostics).toHaveLength(100);
    expect(validation.truncated).toBe(true);
  });

  it('that is only large is accepted in time', () => {
    const states = Object.fromEntries(
      Array.from({ length: 9_000 }, (_, i) => [
        `s${i}`,
        {
          Type: 'Pass',
          ...(i < 8_999 ? { Next: `s${i + 1}` } : { End: true }),
          Parameters: { 'a.$': `$.x${i}` },
        },
      ]),
    );
    const text = JSON.stringify(machine(states));
    const start = processorTime();
    expect(validateDefinition(text).result).toBe('OK');
    expect(processorTime() - start).toBeLessThan(1_500);
  });
});
