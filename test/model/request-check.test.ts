import { expect, test } from 'vitest';
import { checkRequest } from '../../lib/model/request-check.ts';

const good = { model: 'gpt-5-mini', prompt: 'Hello' };

test('a request with every field is taken as it is', () => {
  const request = {
    model: 'gpt-5-mini',
    instructions: 'Be brief.',
    messages: [{ role: 'user', content: 'Hello' }],
    output: { name: 'a_b-1', schema: {} },
    temperature: 0,
    maxOutputTokens: 1,
    reasoningEffort: 'minimal',
    timeoutSeconds: 900,
    extra: { seed: 1 },
  };
  expect(checkRequest(request, 'openai')).toEqual(request);
  expect(checkRequest(good, 'openai')).toEqual(good);
});

test.each([
  [null, 'it must be an object, not null'],
  ['CANARY', 'it must be an object, not that text'],
  [[good], 'it must be an object, not a list'],
  [
    { prompt: 'x' },
    "model must be the provider's name of the model, 1 to 200 characters without spaces, not nothing",
  ],
  [{ ...good, model: 'CANARY two' }, "model must be the provider's name of the model"],
  [{ ...good, prompt: { CANARY: 1 } }, 'prompt must be a text that is not empty, not an object'],
  [{ ...good, prompt: '' }, 'prompt must be a text that is not empty, not an empty text'],
  [{ ...good, instructions: 7 }, 'instructions must be a text that is not empty, not that number'],
  [{ model: 'm' }, 'it must have either prompt or messages'],
  [
    { ...good, messages: [{ role: 'user', content: 'CANARY' }] },
    'it must have either prompt or messages',
  ],
  [{ model: 'm', messages: [] }, 'messages must be a list of at least one message'],
  [
    {
      model: 'm',
      messages: [
        { role: 'user', content: 'CANARY' },
        { role: 'CANARY', content: '' },
      ],
    },
    'messages must hold messages with a role (system, user, assistant) and a text as content; the one at index 1 is not so',
  ],
  [
    { ...good, output: { name: 'two words', schema: {} } },
    'output must have a name of 1 to 64 letters',
  ],
  [{ ...good, output: { name: 'a' } }, 'output must have a name'],
  [{ ...good, temperature: 'CANARY' }, 'temperature must be a number from 0 to 2, not that text'],
  [{ ...good, temperature: Number.NaN }, 'temperature must be a number from 0 to 2'],
  [{ ...good, maxOutputTokens: 0.5 }, 'maxOutputTokens must be a whole number above 0'],
  [
    { ...good, reasoningEffort: 'CANARY' },
    'reasoningEffort must be one of minimal, low, medium, high',
  ],
  [{ ...good, timeoutSeconds: 0 }, 'timeoutSeconds must be above 0'],
  [{ ...good, timeoutSeconds: 901 }, 'timeoutSeconds must be a number from 0 to 900'],
  [{ ...good, extra: [] }, 'extra must be an object, not a list'],
  [
    { ...good, topP: 1 },
    'it has the field topP, which is not known. Allowed: model, instructions, prompt',
  ],
  [{ ...good, 'CANARY plan': 1 }, 'it has a field that is not known'],
])('rejects %j without repeating its values', (event, sentence) => {
  const attempt = () => checkRequest(event, 'openai');
  expect(attempt).toThrow(expect.objectContaining({ name: 'Model.Rejected' }));
  expect(attempt).toThrow(`The request for openai is not valid: ${sentence}`);
  expect(attempt).not.toThrow(/CANARY/);
});
