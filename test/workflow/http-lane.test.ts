import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { model, workflow } from '../../lib/index.ts';
import type { ModelCall, ModelOptions } from '../../lib/workflow/model.ts';

const input = z.object({ question: z.string() });
const openai = 'openai:gpt-5-mini';

function traced(
  options: ModelOptions<z.ZodType | undefined>,
  call: Partial<ModelCall> = { prompt: 'Why?' },
  more: { readonly budget?: { readonly tokens: number } } = {},
) {
  return workflow('one', { input, ...more }, async () =>
    model({ model: openai, lane: 'http', ...options })(call as ModelCall),
  );
}

const png = { type: 'image', url: 'https://a.example/b.png' } as const;
const tool = { name: 'search', parameters: { type: 'object' } };

describe("a model call in the lane 'http'", () => {
  it.each<[string, ModelOptions<z.ZodType | undefined>, RegExp]>([
    ['repairs', { repairs: 2 }, /It has repairs, which takes one: there an answer that cannot/],
    ['limits', { limits: { requestsPerMinute: 5 } }, /It has limits, which takes one: there calls/],
    ['a price', { price: { inputPerMillion: 1, outputPerMillion: 1 } }, /It has price, which/],
    ['tools', { tools: [tool] }, /It has tools, which takes one/],
    ['attachments', { attachments: [png] }, /It has attachments, which takes one/],
    ['reuse', { reuse: true }, /reuse and the lane 'http'/],
    ['marks for caching', { cacheInstructions: true }, /It has cacheInstructions, which/],
    [
      'a URL of its own',
      { model: 'm', baseURL: 'https://llm.example/v1' },
      /a baseURL of the workflow's own/,
    ],
    ['a provider without a key', { model: 'ollama:llama3.2' }, /Ollama is called without a key/],
    [
      'a provider that a role signs for',
      { model: 'bedrock:m' },
      /Amazon Bedrock is called without/,
    ],
    ['a model of the Responses API', { model: 'openai:gpt-5-pro' }, /by its Responses API only/],
    [
      'a schema that the provider does not enforce',
      { model: 'anthropic:claude-haiku-4-5', output: z.object({ a: z.string() }) },
      /an output schema, which Anthropic does not enforce/,
    ],
    [
      'a schema that nobody enforces',
      { output: z.object({ a: z.string().optional() }) },
      /Its output schema is looser than what a provider enforces/,
    ],
    ['a service tier that is not taken', { model: 'google:m', serviceTier: 'flex' }, /serviceTier/],
  ])('rejects %s by name', async (_, options, message) => {
    await expect(traced(options)).rejects.toThrow(message);
  });

  it('rejects a limit over the 60 seconds that an HTTP Task has', async () => {
    await expect(traced({ timeout: 61 })).rejects.toThrow(/60/);
  });

  it('rejects a budget, which functions keep', async () => {
    const call = { prompt: 'Why?' };
    await expect(traced({}, call, { budget: { tokens: 9 } })).rejects.toThrow(/has a budget/);
  });

  it('rejects a conversation of which only a run knows the parts', async () => {
    const messages = [{ role: 'tool', toolCallId: '1', content: 'x' }] as const;
    await expect(traced({}, { messages })).rejects.toThrow(/Its messages are more than a list/);
    await expect(traced({}, { messages: [{ role: 'user', content: [png] }] })).rejects.toThrow(
      /Its messages are more than a list/,
    );
  });

  it('rejects a retry on what its answer tells, and takes one on what the status tells', async () => {
    const ask = model({ model: openai, lane: 'http' });
    const flow = (error: string) =>
      workflow('one', { input }, async () => ask({ prompt: 'Why?' }).retry({ on: [error] }));
    await expect(flow('Model.Truncated')).rejects.toThrow(
      /It is retried on Model.Truncated.*\.catch\('Model.Truncated', \.\.\.\) takes it/,
    );
    await expect(flow('Model.RateLimited')).resolves.toBeDefined();
  });
});
