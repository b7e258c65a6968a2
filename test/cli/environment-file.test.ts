import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../local/store/temporary-folder.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { cloudgather } from './command-line.ts';

const code = `
import { z } from '${import.meta.resolve('zod')}';
import { model, workflow } from '${new URL('../../lib/index.ts', import.meta.url).href}';
const ask = model({ model: 'openai:gpt-5-mini' });
export const one = await workflow('one', { input: z.object({}) }, async () => ask({ prompt: 'Hi' }));
`;

/** What a provider was called with, where a file .env stands beside the workflows. */
async function calledWith(file: string | Buffer, environment: Record<string, string> = {}) {
  const server = await providerServer((_, response) => sendJson(response, 200, completion('x')));
  const cwd = temporaryFolder();
  mkdirSync(path.join(cwd, 'workflows'));
  writeFileSync(path.join(cwd, 'workflows', 'one.ts'), code);
  const text = typeof file === 'string' ? file.replace('SERVER', server.baseURL) : file;
  writeFileSync(path.join(cwd, '.env'), text);
  const ended = await cloudgather(['run', 'one'], environment, { cwd });
  return { ...ended, keys: server.received.map(({ headers }) => headers.authorization) };
}

describe('a file .env', () => {
  test.each([
    ['plain lines', 'OPENAI_API_KEY=sk-1\nOPENAI_BASE_URL=SERVER\n'],
    ['lines as Windows ends them', 'OPENAI_API_KEY=sk-1\r\nOPENAI_BASE_URL=SERVER\r\n'],
    [
      'export, quotes and comments',
      'export OPENAI_API_KEY="sk-1" # mine\nOPENAI_BASE_URL=\'SERVER\'',
    ],
    ['spaces', '  OPENAI_API_KEY = sk-1  \n\n# no\nOPENAI_BASE_URL = SERVER'],
    ['a mark at its beginning', '\ufeffOPENAI_API_KEY=sk-1\nOPENAI_BASE_URL=SERVER\n'],
  ])('is read with %s', async (_, text) => {
    const { code, keys } = await calledWith(text);
    expect([code, keys]).toEqual([0, ['Bearer sk-1']]);
  });

  test('does not replace what is set', async () => {
    const { keys } = await calledWith('OPENAI_API_KEY=sk-1\nOPENAI_BASE_URL=SERVER\n', {
      OPENAI_API_KEY: 'sk-2',
    });
    expect(keys).toEqual(['Bearer sk-2']);
  });

  test('fails where it is no UTF-8, rather than to be without a key', async () => {
    const { code, stderr } = await calledWith(Buffer.from('\ufeffOPENAI_API_KEY=sk-1', 'utf16le'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^The file \.env is no text in UTF-8/);
    expect(stderr).not.toContain('sk-1');
  });

  test('fails by name, and tells no key, where a key cannot be sent', async () => {
    const ended = await calledWith('OPENAI_API_KEY=“sk-secret”\nOPENAI_BASE_URL=SERVER\n');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/Model\.Unauthorized: .* letters that a header cannot carry/);
    expect(ended.stdout + ended.stderr).not.toContain('sk-secret');
  });
});
