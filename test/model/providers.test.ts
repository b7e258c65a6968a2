import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseModelName, providerNamed, providers } from '../../lib/model/providers.ts';

describe('the name of a model', () => {
  test('is a provider and what that provider calls it', () => {
    expect(parseModelName('openai:gpt-5-mini')).toEqual({
      provider: 'openai',
      model: 'gpt-5-mini',
    });
  });

  test('may hold colons and slashes after the provider', () => {
    expect(parseModelName('ollama:llama3.2:3b').model).toBe('llama3.2:3b');
    expect(parseModelName('openrouter:meta-llama/llama-3.3-70b').model).toBe(
      'meta-llama/llama-3.3-70b',
    );
  });

  test('may name a provider that the user gave a URL to', () => {
    expect(parseModelName('mycorp:house-model', ['mycorp'])).toEqual({
      provider: 'mycorp',
      model: 'house-model',
    });
  });

  test.each([
    ['gpt-5-mini', /The model "gpt-5-mini" names no provider\. Write 'provider:model'/],
    [':gpt-5-mini', /names no provider/],
    [
      'opnai:gpt-5',
      /names the provider "opnai", which is not known\. Allowed providers: anthropic, /,
    ],
    ['openai:', /no usable model name after 'openai:'/],
    ['openai:two words', /no usable model name/],
  ])('rejects %j with what is allowed', (name, message) => {
    expect(() => parseModelName(name)).toThrow(message);
    expect(() => parseModelName(name)).toThrow(
      expect.objectContaining({ name: 'WorkflowInvalid' }),
    );
  });

  test('rejects a value that is not a text', () => {
    expect(() => parseModelName(7 as never)).toThrow(/not by a value of type number/);
  });
});

describe('the table of providers', () => {
  test('has every provider that the documentation promises, once', () => {
    expect(providers.map(({ name }) => name)).toEqual([
      'openai',
      'anthropic',
      'google',
      'groq',
      'deepseek',
      'mistral',
      'xai',
      'openrouter',
      'together',
      'azure',
      'bedrock',
      'ollama',
      'vllm',
      'lmstudio',
    ]);
  });

  test('sends keys over https only, except to this machine', () => {
    for (const { baseURL, needsKey } of providers) {
      if (baseURL !== null && needsKey) expect(baseURL).toMatch(/^https:\/\//);
    }
  });

  test('is plain: it imports nothing but the errors', () => {
    const source = readFileSync(new URL('../../lib/model/providers.ts', import.meta.url), 'utf8');
    expect([...source.matchAll(/from '(.*)'/g)].map(([, from]) => from)).toEqual(['../errors.ts']);
  });

  test('takes any other name where the user gave a URL', () => {
    const provider = providerNamed('my-corp', 'https://models.example.com/v1');
    expect(provider).toMatchObject({
      name: 'my-corp',
      baseURL: 'https://models.example.com/v1',
      keyVariables: ['MY_CORP_API_KEY'],
      needsKey: false,
    });
  });

  test('rejects an unknown name without a URL, and a name that is not a word', () => {
    expect(() => providerNamed('mycorp')).toThrow(/"mycorp" is not a known provider\. Allowed/);
    expect(() => providerNamed('My Corp', 'https://x.example')).toThrow(/is not a known provider/);
  });
});
