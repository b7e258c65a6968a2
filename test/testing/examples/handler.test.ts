import { afterEach, expect, test } from 'vitest';
import { handler } from '../../../functions/model-call.ts';
import { startProvider, type TestProvider } from '../../../lib/testing/index.ts';

let provider: TestProvider;
afterEach(() => provider.close());

const context = { getRemainingTimeInMillis: () => 5_000 };

test('the handler answers, and its tokens are those that the provider counted', async () => {
  provider = await startProvider();
  process.env.CLOUDGATHER_PROVIDER = 'openai';
  process.env.CLOUDGATHER_BASE_URL = provider.baseURL;
  const result = await handler({ model: 'gpt-5-mini', prompt: 'Hello' }, context);
  expect(result.output).toContain('Scripted answer of gpt-5-mini');
  expect(result.usage.totalTokens).toBe(provider.meter.tokens);
});

test('the handler fails by name where the provider has no capacity', async () => {
  provider = await startProvider({ faults: { 503: 1 } });
  process.env.CLOUDGATHER_PROVIDER = 'openai';
  process.env.CLOUDGATHER_BASE_URL = provider.baseURL;
  await expect(handler({ model: 'gpt-5-mini', prompt: 'Hello' }, context)).rejects.toMatchObject({
    name: 'Model.Overloaded',
  });
});
