import { type Schema, Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JsonSchema } from '../../../lib/json.ts';
import { instanceOf } from '../../../lib/local/stand-in/instance.ts';

function expectValid(schema: JsonSchema): void {
  const instance = instanceOf(schema, 'some-model');
  const { errors } = new Validator(schema as Schema, '2020-12').validate(instance);
  expect({ instance, errors }).toEqual({ instance, errors: [] });
}

describe('the instance of a schema', () => {
  test.each([
    ['the constant', { const: 7 }, 7],
    ['the default', { type: 'string', default: 'x' }, 'x'],
    ['the first example', { type: 'string', examples: ['y', 'z'] }, 'y'],
    ['the first of an enum', { enum: ['red', 'blue'] }, 'red'],
    ['true', { type: 'boolean' }, true],
    ['null', { type: 'null' }, null],
    ['a value rather than null', { type: ['null', 'integer'] }, 1],
    ['an empty list where none may be in it', { type: 'array', maxItems: 0 }, []],
    [
      'one of each in a list of an enum',
      { type: 'array', items: { enum: ['a', 'b'] } },
      ['a', 'b'],
    ],
    ['the least number above a limit', { type: 'integer', exclusiveMinimum: 4 }, 5],
    ['a multiple', { type: 'number', minimum: 10, multipleOf: 4 }, 12],
    ['a short text', { type: 'string', maxLength: 4 }, '1Scr'],
  ])('is %s', (_, schema, expected) => {
    expect(instanceOf(schema as JsonSchema, 'm')).toEqual(expected);
  });

  test.each([
    [
      'a recursive schema',
      z.toJSONSchema(
        z.object({
          tree: z.lazy(
            (): z.ZodType => z.object({ name: z.string(), children: z.array(z.string()) }),
          ),
        }),
      ),
    ],
    [
      'a schema that refers to itself',
      {
        type: 'object',
        properties: { next: { $ref: '#' }, n: { type: 'integer' } },
        required: ['n'],
        additionalProperties: false,
      },
    ],
    ['a record', z.toJSONSchema(z.record(z.string(), z.number()))],
    ['a tuple', z.toJSONSchema(z.tuple([z.string(), z.number(), z.boolean()]))],
    [
      'a discriminated union',
      z.toJSONSchema(
        z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('a'), n: z.int() }),
          z.object({ kind: z.literal('b') }),
        ]),
      ),
    ],
    [
      'an intersection',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: { type: 'number' } }, required: ['b'] },
        ],
      },
    ],
    [
      'formats',
      z.toJSONSchema(
        z.object({
          at: z.iso.datetime(),
          day: z.iso.date(),
          mail: z.email(),
          id: z.uuid(),
          url: z.url(),
          ip: z.ipv4(),
        }),
      ),
    ],
    [
      'distinct items',
      { type: 'array', items: { type: 'string', maxLength: 3 }, minItems: 5, uniqueItems: true },
    ],
    [
      'nullable and optional fields',
      z.toJSONSchema(
        z.object({
          a: z.string().nullable(),
          b: z.number().optional(),
          c: z.enum(['x']).default('x'),
        }),
      ),
    ],
    [
      'common patterns',
      {
        type: 'object',
        properties: {
          slug: { type: 'string', pattern: '^[a-z-]+-\\d+$' },
          hex: { type: 'string', pattern: '^#[0-9a-f]{6}$' },
          code: { type: 'string', pattern: '^[A-Z]{2}$' },
        },
        required: ['slug', 'hex', 'code'],
      },
    ],
  ])('is valid for %s', (_, schema) => {
    expectValid(schema as JsonSchema);
  });

  test('is always the same', () => {
    const schema = z.toJSONSchema(
      z.object({ a: z.array(z.string()), b: z.number() }),
    ) as JsonSchema;
    expect(instanceOf(schema, 'm')).toEqual(instanceOf(schema, 'm'));
  });

  test('is valid for any schema made of the words that it honours', () => {
    const limits = (least: string, most: string, max: number) =>
      fc
        .option(fc.tuple(fc.nat(max), fc.nat(max)), { nil: null })
        .map((pair) =>
          pair === null ? {} : { [least]: Math.min(...pair), [most]: Math.max(...pair) },
        );
    const { schema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        limits('minLength', 'maxLength', 30).map((more) => ({ type: 'string', ...more })),
        limits('minimum', 'maximum', 100).map((more) => ({ type: 'integer', ...more })),
        limits('minimum', 'maximum', 100).map((more) => ({ type: 'number', ...more })),
        fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { enum: [1, 'two', null] }, {}),
        fc
          .tuple(tie('schema'), limits('minItems', 'maxItems', 5))
          .map(([items, more]) => ({ type: 'array', items, ...more })),
        fc
          .tuple(
            fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('schema'), { maxKeys: 4 }),
            fc.boolean(),
          )
          .map(([properties, all]) => ({
            type: 'object',
            properties,
            required: all ? Object.keys(properties) : [],
            additionalProperties: false,
          })),
        fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      ) as fc.Arbitrary<JsonSchema>,
    }));
    fc.assert(fc.property(schema, expectValid), { numRuns: 500 });
  });
});
