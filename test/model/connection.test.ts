import { describe, expect, test } from 'vitest';
import { connectionFrom, modelEnvironment } from '../../lib/model/connection.ts';
import { providerNamed } from '../../lib/model/providers.ts';

function connect(name: string, environment: Record<string, string>) {
  const connection = connectionFrom(environment, providerNamed(name));
  return connection && { baseURL: connection.baseURL, apiKey: connection.apiKey };
}

describe('how this machine reaches a provider', () => {
  test('is not known without a key and without a base URL', () => {
    expect(connect('openai', {})).toBeNull();
    expect(connect('openai', { OPENAI_API_KEY: '  ' })).toBeNull();
    expect(connect('azure', {})).toBeNull();
  });

  test('is the usual address with the key', () => {
    expect(connect('google', { GOOGLE_API_KEY: 'g' })).toEqual({
      baseURL: 'https://generativelanguage.googleapis.com/v1beta/openai',
      apiKey: 'g',
    });
  });

  test('may be another address without a key, as for a proxy', () => {
    expect(connect('openai', { OPENAI_BASE_URL: 'http://127.0.0.1:8080/v1/' })).toEqual({
      baseURL: 'http://127.0.0.1:8080/v1',
      apiKey: null,
    });
  });

  test('needs no key for a server on this machine', () => {
    expect(connect('ollama', {})).toEqual({ baseURL: 'http://127.0.0.1:11434/v1', apiKey: null });
  });

  test.each([
    ['openai', 'OPENAI_BASE_URL', 'http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
    [
      'anthropic',
      'ANTHROPIC_BASE_URL',
      'https://api.anthropic.com',
      'https://api.anthropic.com/v1',
    ],
    ['anthropic', 'ANTHROPIC_BASE_URL', 'http://proxy/claude', 'http://proxy/claude'],
    ['ollama', 'OLLAMA_HOST', '0.0.0.0', 'http://127.0.0.1:11434/v1'],
    ['ollama', 'OLLAMA_HOST', 'gpu-box:9999', 'http://gpu-box:9999/v1'],
    ['ollama', 'OLLAMA_BASE_URL', 'http://gpu-box:11434/', 'http://gpu-box:11434/v1'],
    [
      'azure',
      'AZURE_OPENAI_ENDPOINT',
      'https://me.openai.azure.com/',
      'https://me.openai.azure.com/openai/v1',
    ],
  ])('for %s with %s=%s is %s', (name, variable, value, expected) => {
    expect(connect(name, { [variable]: value })?.baseURL).toBe(expected);
  });

  test.each([
    ['not a url', /OPENAI_BASE_URL is not a base URL\. Write it with http/],
    ['ftp://host/v1', /is not a base URL/],
    ['https://user:hunter2@host/v1', /may hold scheme, host, port and path only/],
    ['https://host/v1?key=hunter2', /may hold scheme, host, port and path only/],
  ])('rejects the base URL %s', (value, message) => {
    const attempt = () => connect('openai', { OPENAI_BASE_URL: value });
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ name: 'UsageError' }));
    expect(attempt).not.toThrow(/hunter2/);
  });

  test('rejects an Azure key without an address', () => {
    expect(() => connect('azure', { AZURE_OPENAI_API_KEY: 'k' })).toThrow(
      /Azure OpenAI has no common address, and none of AZURE_OPENAI_BASE_URL/,
    );
  });

  test('becomes the environment of a model function', () => {
    const provider = providerNamed('groq');
    expect(modelEnvironment({ provider, baseURL: 'http://x/v1', apiKey: 'k' })).toEqual({
      CLOUDGATHER_PROVIDER: 'groq',
      CLOUDGATHER_BASE_URL: 'http://x/v1',
      CLOUDGATHER_API_KEY: 'k',
    });
    expect(modelEnvironment({ provider, baseURL: 'http://x/v1', apiKey: null })).not.toHaveProperty(
      'CLOUDGATHER_API_KEY',
    );
  });
});
