import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/testing.md', root), 'utf8');
const examples = [
  ...text.matchAll(/`(test\/testing\/examples\/[\w-]+\.test\.ts)`\n\n```ts\n([\s\S]*?)```/g),
];

test('the examples of docs/testing.md are tests that run, letter by letter', () => {
  expect(examples).toHaveLength(5);
  for (const [, path = '', code] of examples) {
    expect(code).toBe(readFileSync(new URL(path, root), 'utf8'));
  }
});
