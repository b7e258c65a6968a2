import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { advice } from '../../lib/check/advice.ts';

describe('docs/language.md', () => {
  it('names the rule of `check` for each thing that JavaScript lets nobody see', () => {
    const page = readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8');
    const [, behind = ''] = page.split('### What JavaScript lets nobody see');
    const [section = ''] = behind.split(/^#{2,3} /m);
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) => {
      const last = row.split(/(?<!\\)\|/).at(-2) ?? '';
      return [...last.matchAll(/`([^`]+)`/g)].map(([, rule]) => rule?.replaceAll('\\', ''));
    });
    expect(named.sort()).toEqual(Object.keys(advice).sort());
  });
});
