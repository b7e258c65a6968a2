import { describe, expect, test } from 'vitest';
import { answering, echo, failureOf, prompt } from './failure.ts';
import { completion } from './provider-server.ts';

describe('a reply with status 200', () => {
  const schema = {
    type: 'object',
    properties: {
      rank: { type: 'integer', maximum: 10 },
      'a/b': { type: 'array', items: { type: 'string' } },
    },
    required: ['rank'],
    additionalProperties: false,
  };
  const output = { name: 'verdict', schema };

  test.each([
    ['is not JSON', 'text/html', `<html>${echo}</html>`],
    ['is a JSON text', 'application/json', JSON.stringify(echo)],
    ['is half a JSON', 'application/json', `{"choices":[{"message":"${echo}`],
    ['is empty', 'application/json', ''],
    ['is another object', 'application/json', JSON.stringify({ answer: echo })],
    ['has no choice', 'application/json', JSON.stringify({ choices: [], note: echo })],
  ])('that %s fails as Model.Unavailable', async (_, type, body) => {
    const error = await failureOf((__, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    expect(error).toMatchObject({ name: 'Model.Unavailable', status: 200 });
    expect(error.message).toMatch(/OpenAI-compatible API/);
  });

  test.each(['length', 'max_tokens', 'model_length'])(
    'that was cut off (%s) fails as Model.Truncated',
    async (finish_reason) => {
      const error = await failureOf(answering(200, completion(echo, { finish_reason })));
      expect(error.name).toBe('Model.Truncated');
      expect(error.message).toMatch(/was cut off after 5 output tokens\. Raise maxOutputTokens/);
    },
  );

  test.each([
    ['a refusal', { message: { refusal: echo, content: null } }, 'Model.Refused'],
    ['a content filter', { finish_reason: 'content_filter' }, 'Model.Refused'],
    ['no capacity', { finish_reason: 'insufficient_system_resource' }, 'Model.Overloaded'],
    ['an error behind it', { finish_reason: 'error' }, 'Model.Unavailable'],
  ])('with %s fails by name', async (_, more, name) => {
    expect((await failureOf(answering(200, completion(echo, more)))).name).toBe(name);
  });

  test.each([
    [{ error: { code: 429, message: echo } }, 'Model.RateLimited'],
    [{ error: { code: 402, message: echo } }, 'Model.QuotaExhausted'],
    [{ error: { message: echo } }, 'Model.Unavailable'],
    [{ choices: [{ error: { code: 503, message: echo } }] }, 'Model.Overloaded'],
  ])('with an error inside fails by its code', async (body, name) => {
    expect((await failureOf(answering(200, body), {}, 'openrouter')).name).toBe(name);
  });

  test.each([[''], ['  \n'], [null], [undefined]])(
    'with the empty answer %j fails',
    async (content) => {
      const error = await failureOf(answering(200, completion(content)));
      expect(error.name).toBe('Model.OutputInvalid');
      expect(error.message).toMatch(/gave an answer that cannot be used: it is empty\./);
    },
  );

  test.each([
    [echo, 'is not JSON'],
    [`{"rank": 1, "note": "${prompt}`, 'is not JSON'],
    [`{"rank": "${prompt}"}`, 'breaks its schema at /rank: the value has the wrong type ("type")'],
    ['{"rank": 11}', 'breaks its schema at /rank: the rule is not kept ("maximum")'],
    ['{}', 'breaks its schema at the root: a required property is missing ("required")'],
    [
      JSON.stringify(prompt),
      'breaks its schema at the root: the value has the wrong type ("type")',
    ],
    [
      JSON.stringify({ rank: 1, 'a/b': ['x', 2] }),
      'breaks its schema at /a~1b/1: the value has the wrong type ("type")',
    ],
    [
      JSON.stringify({ rank: 1, [prompt]: 1 }),
      'breaks its schema at /*: nothing is allowed there ("false")',
    ],
  ])('whose answer is %j fails as Model.OutputInvalid', async (content, problem) => {
    const error = await failureOf(answering(200, completion(content)), { output });
    expect(error.name).toBe('Model.OutputInvalid');
    expect(error.message).toContain(`was asked for verdict, but the answer ${problem}.`);
  });

  test.each([
    [{ type: 'object', properties: { a: { $ref: '#/$defs/none' } } }, '{"a":1}'],
    [{ type: 'object', properties: { a: { type: 'string', pattern: '(' } } }, '{"a":"x"}'],
  ])('cannot pass a schema that is broken: %j', async (broken, content) => {
    const error = await failureOf(answering(200, completion(content)), {
      output: { name: 'verdict', schema: broken },
    });
    expect(error.name).toBe('Model.OutputInvalid');
    expect(error.message).toMatch(/cannot be checked, because the schema has/);
  });
});
