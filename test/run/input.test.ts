import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InputInvalid, type InputProblem, WorkflowInvalid } from '../../lib/errors.ts';
import type { JsonSchema } from '../../lib/json.ts';
import { checkInput, maxInputBytes } from '../../lib/run/input.ts';

const schemaOf = (type: z.ZodType) => z.toJSONSchema(type, { io: 'input' }) as JsonSchema;

function problemsOf(schema: JsonSchema, input: unknown): readonly InputProblem[] {
  try {
    checkInput(schema, input);
  } catch (error) {
    if (error instanceof InputInvalid) return error.problems;
    throw error;
  }
  return [];
}

const question = schemaOf(
  z.strictObject({
    question: z.string().min(3),
    voice: z.enum(['calm', 'loud']).default('calm'),
    limits: z.object({ words: z.int().max(500).default(100) }).optional(),
  }),
);

describe('defaults', () => {
  it('are filled in, nested ones and those of list items too', () => {
    expect(checkInput(question, { question: 'why?', limits: {} })).toEqual({
      question: 'why?',
      voice: 'calm',
      limits: { words: 100 },
    });
    const list = schemaOf(z.array(z.object({ n: z.number().default(1) })));
    expect(checkInput(list, [{}, { n: 2 }])).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('do not replace what is given, and do not change the schema or the input', () => {
    const input = { question: 'why?', voice: 'loud' };
    expect(checkInput(question, input)).toEqual({ question: 'why?', voice: 'loud' });
    const tags = { type: 'object', properties: { tags: { default: [] } } } as const;
    const first = checkInput(tags, {}) as { tags: string[] };
    first.tags.push('x');
    expect(checkInput(tags, {})).toEqual({ tags: [] });
    expect(JSON.stringify(question)).not.toContain('__absolute');
  });

  it('are found behind references, also in a schema that refers to itself', () => {
    const tree: JsonSchema = {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { size: { default: 1 }, next: { $ref: '#/$defs/node' } },
        },
      },
    };
    expect(checkInput(tree, { next: { next: {} } })).toEqual({
      size: 1,
      next: { size: 1, next: { size: 1 } },
    });
    expect(checkInput({ allOf: [{ $ref: '#/allOf/1' }, { title: 'self' }] }, 1)).toBe(1);
  });

  it('make {} of an input that is not given, as StartExecution does', () => {
    expect(checkInput({}, undefined)).toEqual({});
    expect(checkInput({ default: { a: 1 } }, undefined)).toEqual({ a: 1 });
    expect(checkInput({}, null)).toBeNull();
  });
});

describe('a problem', () => {
  it('is told for each field: a pointer, what was received and what is allowed', () => {
    expect(
      problemsOf(question, { question: 7, voice: 'shrill', limits: { words: 900 }, extra: 1 }),
    ).toEqual([
      { path: '/question', message: 'Received the number 7; allowed is a string.' },
      { path: '/voice', message: 'Received "shrill"; allowed is "calm", "loud".' },
      {
        path: '/limits/words',
        message: 'Received the number 900; allowed is a number of at most 500.',
      },
      {
        path: '/extra',
        message: 'This field is not known. Allowed here: "question", "voice", "limits".',
      },
    ]);
  });

  it('names a field that is missing', () => {
    expect(problemsOf(question, {})).toEqual([
      { path: '/question', message: 'The field "question" is missing. It is required.' },
    ]);
  });

  it('does not repeat a text, only its length', () => {
    const [problem] = problemsOf(question, {
      question: 'my secret plan'.repeat(3),
      voice: 'x'.repeat(40),
    });
    expect(problem?.message).toBe('Received a string of 40 characters; allowed is "calm", "loud".');
    expect(problemsOf(schemaOf(z.number()), 'my secret plan')).toEqual([
      { path: '', message: 'Received a string of 14 characters; allowed is a number.' },
    ]);
  });

  it('of a choice that nothing fits is one problem that names the choices', () => {
    const schema = schemaOf(z.object({ a: z.union([z.string(), z.null(), z.literal(5)]) }));
    expect(problemsOf(schema, { a: true })).toEqual([
      { path: '/a', message: 'Received true; allowed is a string or null or 5.' },
    ]);
  });

  it('escapes the pointer as RFC 6901 says', () => {
    const schema = schemaOf(z.object({ 'a/b~ c%': z.array(z.string()) }));
    expect(problemsOf(schema, { 'a/b~ c%': ['x', 1] })).toEqual([
      { path: '/a~1b~0 c%/1', message: 'Received the number 1; allowed is a string.' },
    ]);
  });

  it('is told at most twenty times, and of a hundred thousand none is fatal', () => {
    const schema = schemaOf(z.array(z.string()));
    expect(problemsOf(schema, Array(30).fill(1))).toHaveLength(20);
    expect(problemsOf(schema, Array(130_000).fill(1)).length).toBeGreaterThan(0);
  });

  it('is in the message of the error, which says that nothing was started', () => {
    expect(() => checkInput(question, [])).toThrow(
      'The input does not fit, and nothing was started. The input: Received an array of 0 items; allowed is an object.',
    );
  });
});

describe('rejects', () => {
  it('an input of more than 256 KiB as UTF-8, and takes one of exactly that', () => {
    const fits = 'ä'.repeat(maxInputBytes / 2 - 1);
    expect(checkInput({}, fits)).toBe(fits);
    expect(problemsOf({}, `${fits}x`)).toEqual([
      {
        path: '',
        message: expect.stringMatching(/^The input has 262145 bytes as JSON; allowed are 262144\./),
      },
    ]);
  });

  it('an input that is nested too deep, also one of a hundred thousand levels', () => {
    for (const depth of [101, 100_000]) {
      const problems = problemsOf({}, JSON.parse('['.repeat(depth) + ']'.repeat(depth)));
      expect(problems).toMatchObject([
        { message: expect.stringMatching(/deeper than 100 levels/) },
      ]);
    }
    expect(problemsOf({}, JSON.parse('['.repeat(100) + ']'.repeat(100)))).toEqual([]);
  });

  it('a field named __proto__, and never sets a prototype', () => {
    const input = JSON.parse('{"a":{"__proto__":{"admin":true}}}');
    expect(problemsOf({}, input)).toEqual([
      { path: '/a/__proto__', message: 'A field must not be named "__proto__".' },
    ]);
    const schema = { properties: { constructor: { type: 'string' } } };
    expect(problemsOf(schema, {})).toEqual([]);
    expect(problemsOf(question, JSON.parse('{"question":"why?","toString":1}'))).toHaveLength(1);
  });

  it('what JSON has no form for', () => {
    expect(problemsOf({}, { a: new Date(0), b: Number.NaN, c: 1n, d: () => 1 })).toEqual([
      { path: '/a', message: 'An instance of Date has no form in JSON.' },
      { path: '/b', message: 'The number NaN has no form in JSON.' },
      { path: '/c', message: 'A value of type bigint has no form in JSON.' },
      { path: '/d', message: 'A value of type function has no form in JSON.' },
    ]);
    expect(problemsOf({}, { '\ud800': 1 })).toHaveLength(1);
  });
});

it('rejects a schema that cannot be used as the fault of the workflow, not of the input', () => {
  expect(() => checkInput({ $ref: '#/$defs/nothing' }, {})).toThrow(WorkflowInvalid);
  expect(() => checkInput({ pattern: '(' }, 'x')).toThrow(WorkflowInvalid);
});
