import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lanes } from '../../lib/model/lane.ts';
import { scriptedModel, testRun } from '../../lib/testing/index.ts';
import { triage } from './examples/lane.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/models.md', root), 'utf8');
const [, behind = ''] = page.split('\n## Lanes\n');
const [section = ''] = behind.split('\n## ');

describe('docs/models.md', () => {
  it('has a row for each lane', () => {
    const [table = ''] = section.split('```');
    const rows = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, lane]) => lane);
    expect(rows).toEqual(lanes);
  });

  it('shows an example that runs, letter by letter', async () => {
    const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(section) ?? [];
    const file = readFileSync(new URL('test/docs/examples/lane.ts', root), 'utf8');
    expect(code).toBe(file.replace("'../../../lib/index.ts'", "'../lib/index.ts'"));
    const model = scriptedModel({
      answer: ({ output }) => (output ? { topic: 'bill', urgent: true } : 'Angry.'),
    });
    expect(await testRun(triage, { input: { mail: 'Pay me!' }, model })).toMatchObject({
      status: 'SUCCEEDED',
      output: { mood: 'Angry.', label: { topic: 'bill', urgent: true } },
      transitions: 3,
    });
  });
});
