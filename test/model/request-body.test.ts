import { describe, expect, test } from 'vitest';
import { callModel } from '../../lib/model/call.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import type { ModelRequest } from '../../lib/model/request.ts';
import { completion, providerServer, sendJson } from './provider-server.ts';
import { response } from './response.ts';

const image = { type: 'image', url: 'https://example.com/a.png', detail: 'low' } as const;
const pdf = { type: 'file', url: 'data:application/pdf;base64,AA==' } as const;
const remote = { type: 'file', url: 'https://example.com/a.pdf' } as const;
const find = {
  name: 'find',
  description: 'Finds a word.',
  parameters: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
} as const;

/** What a provider is sent for a request. */
async function sentFor(name: string, request: ModelRequest) {
  const server = await providerServer(({ path }, answer) =>
    sendJson(answer, 200, path.endsWith('/responses') ? response('fine') : completion('fine')),
  );
  const { baseURL } = server;
  const provider = providerNamed(name, baseURL);
  await callModel(request, { provider, baseURL, apiKey: 'k' });
  const [sent] = server.received;
  if (sent === undefined) throw new Error('Nothing was sent.');
  return sent;
}

describe('images and files', () => {
  test('stand before the prompt', async () => {
    const { body, path } = await sentFor('openai', {
      model: 'gpt-5-mini',
      prompt: 'What is this?',
      attachments: [image, { ...pdf, filename: 'b.pdf' }],
    });
    expect(path).toBe('/v1/chat/completions');
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
          { type: 'file', file: { filename: 'b.pdf', file_data: pdf.url } },
          { type: 'text', text: 'What is this?' },
        ],
      },
    ]);
  });

  test('make OpenAI use the Responses API where a file is only an address', async () => {
    const { body, path } = await sentFor('openai', {
      model: 'gpt-5-mini',
      prompt: 'What is this?',
      attachments: [image, pdf, remote],
    });
    expect(path).toBe('/v1/responses');
    expect(body.input).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: image.url, detail: 'low' },
          { type: 'input_file', filename: 'file.pdf', file_data: pdf.url },
          { type: 'input_file', file_url: remote.url },
          { type: 'input_text', text: 'What is this?' },
        ],
      },
    ]);
  });

  test("go to Mistral as its documents, and to OpenRouter as OpenAI's files", async () => {
    const request = { model: 'm', prompt: 'x', attachments: [remote] };
    expect((await sentFor('mistral', request)).body).toHaveProperty('messages.0.content.0', {
      type: 'document_url',
      document_url: remote.url,
      document_name: 'file',
    });
    expect((await sentFor('openrouter', request)).body).toHaveProperty('messages.0.content.0', {
      type: 'file',
      file: { filename: 'file', file_data: remote.url },
    });
  });
});

describe('tools', () => {
  const conversation: ModelRequest = {
    model: 'gpt-5-mini',
    instructions: 'Use the tool.',
    messages: [
      { role: 'user', content: 'Find fish.' },
      {
        role: 'assistant',
        content: '',
        toolCalls: [
          { id: 'c1', name: 'find', arguments: { word: 'fish' }, extra: { google: { s: 1 } } },
        ],
      },
      { role: 'tool', toolCallId: 'c1', content: 'found' },
    ],
    tools: [find],
    toolChoice: { name: 'find' },
  };

  test('go to Chat Completions with the calls and results so far', async () => {
    const { body } = await sentFor('google', conversation);
    expect(body).toEqual({
      model: 'gpt-5-mini',
      messages: [
        { role: 'system', content: 'Use the tool.' },
        { role: 'user', content: 'Find fish.' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'c1',
              type: 'function',
              function: { name: 'find', arguments: '{"word":"fish"}' },
              extra_content: { google: { s: 1 } },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'found' },
      ],
      tools: [{ type: 'function', function: find }],
      tool_choice: { type: 'function', function: { name: 'find' } },
    });
  });

  test('go to the Responses API as its items', async () => {
    const { body } = await sentFor('openai', { ...conversation, model: 'gpt-5-pro' });
    expect(body).toEqual({
      model: 'gpt-5-pro',
      store: false,
      instructions: 'Use the tool.',
      input: [
        { role: 'user', content: 'Find fish.' },
        { type: 'function_call', call_id: 'c1', name: 'find', arguments: '{"word":"fish"}' },
        { type: 'function_call_output', call_id: 'c1', output: 'found' },
      ],
      tools: [{ type: 'function', ...find, strict: false }],
      tool_choice: { type: 'function', name: 'find' },
    });
  });
});

describe('the Responses API', () => {
  test('is sent every option by its own name', async () => {
    const { body } = await sentFor('openai', {
      model: 'o3-pro',
      prompt: 'x',
      maxOutputTokens: 100,
      reasoningEffort: 'high',
      serviceTier: 'flex',
      topP: 0.5,
      extra: { truncation: 'auto' },
    });
    expect(body).toEqual({
      model: 'o3-pro',
      store: false,
      input: [{ role: 'user', content: 'x' }],
      max_output_tokens: 100,
      reasoning: { effort: 'high' },
      service_tier: 'flex',
      top_p: 0.5,
      truncation: 'auto',
    });
  });

  test.each([
    ['gpt-5-pro', '/v1/responses'],
    ['gpt-5.4-pro-2026-03-05', '/v1/responses'],
    ['gpt-5-codex', '/v1/responses'],
    ['o3-deep-research', '/v1/responses'],
    ['gpt-5', '/v1/chat/completions'],
    ['gpt-5-mini', '/v1/chat/completions'],
    ['o3', '/v1/chat/completions'],
  ])('serves %s: %s', async (model, path) => {
    expect((await sentFor('openai', { model, prompt: 'x' })).path).toBe(path);
  });

  test('is not asked of a provider that only speaks Chat Completions', async () => {
    expect((await sentFor('openrouter', { model: 'o3-pro', prompt: 'x' })).path).toBe(
      '/v1/chat/completions',
    );
  });
});

describe('marks for prompt caching', () => {
  const request: ModelRequest = {
    model: 'm',
    instructions: 'A long text.',
    cacheInstructions: true,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'A book.', cache: true },
          { type: 'text', text: 'Who did it?' },
        ],
      },
    ],
  };

  test('are sent to a provider that takes them', async () => {
    const mark = { cache_control: { type: 'ephemeral' } };
    expect((await sentFor('openrouter', request)).body.messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'A long text.', ...mark }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'A book.', ...mark },
          { type: 'text', text: 'Who did it?' },
        ],
      },
    ]);
  });

  test('are left out where the provider caches by itself', async () => {
    const { body } = await sentFor('openai', request);
    expect(JSON.stringify(body)).not.toContain('cache');
  });
});

describe('what a provider would ignore', () => {
  test.each([
    ['google', { attachments: [pdf] }, /Google Gemini takes no files/],
    ['anthropic', { serviceTier: 'priority' }, /Anthropic takes no service tier/],
  ])('rejects for %s %j before it is paid for', async (name, more, message) => {
    await expect(sentFor(name, { model: 'm', prompt: 'x', ...more })).rejects.toMatchObject({
      name: 'Model.Rejected',
      message: expect.stringMatching(message),
    });
  });
});
