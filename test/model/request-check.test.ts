import { expect, test } from 'vitest';
import { checkRequest } from '../../lib/model/request-check.ts';

const good = { model: 'gpt-5-mini', prompt: 'Hello' };

test('a request with every field is taken as it is', () => {
  const request = {
    model: 'gpt-5-mini',
    instructions: 'Be brief.',
    messages: [
      { role: 'system', content: 'Obey.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hello', cache: true },
          { type: 'image', url: 'https://example.com/a.png', detail: 'low' },
          { type: 'file', url: 'data:application/pdf;base64,AA==', filename: 'a.pdf' },
        ],
      },
      { role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'find', arguments: {} }] },
      { role: 'tool', toolCallId: '1', content: 'found' },
    ],
    tools: [{ name: 'find', parameters: { type: 'object' } }],
    toolChoice: { name: 'find' },
    repairs: 0,
    topP: 0.5,
    serviceTier: 'flex',
    cacheInstructions: true,
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
    'messages must hold messages with a role (system, user, assistant, tool) and a text as content, or for a user a list of parts (text, image, file), and for a tool a toolCallId; the one at index 1 is not so',
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
    'reasoningEffort must be one of none, minimal, low, medium, high, xhigh',
  ],
  [{ ...good, timeoutSeconds: 0 }, 'timeoutSeconds must be above 0'],
  [{ ...good, timeoutSeconds: 172_801 }, 'timeoutSeconds must be a number from 0 to 172800'],
  [{ ...good, attachments: [{ type: 'image', url: 'CANARY' }] }, 'attachments must be a list of'],
  [
    {
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      attachments: [{ type: 'image', url: 'https://example.com/a.png' }],
    },
    'attachments go with a prompt',
  ],
  [{ ...good, tools: [{ name: 'CANARY two', parameters: {} }] }, 'tools must be a list of tools'],
  [{ ...good, tools: [] }, 'tools must be a list of tools'],
  [{ ...good, toolChoice: 'CANARY' }, 'toolChoice must be one of auto, none, required'],
  [{ ...good, repairs: 6 }, 'repairs must be a number from 0 to 5'],
  [{ ...good, repairs: 0.5 }, 'repairs must be a whole number'],
  [{ ...good, topP: 2 }, 'topP must be a number from 0 to 1'],
  [{ ...good, cacheInstructions: 'CANARY' }, 'cacheInstructions must be true or false'],
  [{ ...good, extra: [] }, 'extra must be an object, not a list'],
  [
    { ...good, topK: 1 },
    'it has the field topK, which is not known. Allowed: model, instructions, prompt',
  ],
  [{ ...good, 'CANARY plan': 1 }, 'it has a field that is not known'],
])('rejects %j without repeating its values', (event, sentence) => {
  const attempt = () => checkRequest(event, 'openai');
  expect(attempt).toThrow(expect.objectContaining({ name: 'Model.Rejected' }));
  expect(attempt).toThrow(`The request for openai is not valid: ${sentence}`);
  expect(attempt).not.toThrow(/CANARY/);
});
