import { expect, it } from 'vitest';
import { isProviderName, providerNamed } from '../../lib/model/providers.ts';
import { serverName } from '../../lib/model/server-name.ts';

it.each([
  ['https://llm.example/v1', 'llm-example-v1'],
  ['http://127.0.0.1:8000/v1', 'at-127-0-0-1-8000-v1'],
  ['http://[::1]:8000', 'at-1-8000'],
  ['http://localhost:1234/', 'localhost-1234'],
])('names the server at %s %s', (url, name) => {
  expect(serverName(new URL(url))).toBe(name);
});

it('cuts a long name, and tells it from another that begins like it', () => {
  const long = 'https://inference-gateway.internal.company.example/teams/search/v1';
  const [one, other] = [`${long}/a`, `${long}/b`].map((url) => serverName(new URL(url)));
  expect(one).toMatch(/^inference-gateway-internal-comp-[0-9a-f]{8}$/);
  expect(one).not.toBe(other);
  for (const name of [one!, other!]) {
    expect(isProviderName(name)).toBe(true);
    expect(providerNamed(name, `${long}/a`).baseURL).toBe(`${long}/a`);
  }
});
