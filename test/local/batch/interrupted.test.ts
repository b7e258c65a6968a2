import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { start } from '../../cli/command-line.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { startProvider } from './provider.ts';

const code = `
import { z } from '${import.meta.resolve('zod')}';
import { each, model, workflow } from '${new URL('../../../lib/index.ts', import.meta.url).href}';
const ask = model({ model: 'openai:gpt-5-mini', lane: 'batch' });
const input = z.object({});
export const night = await workflow('night', { input }, async () =>
  each(['a', 'b', 'c'], (item) => ask({ prompt: item }), { name: 'all' }),
);
`;

function project(): string {
  const root = temporaryFolder();
  mkdirSync(path.join(root, 'workflows'));
  writeFileSync(path.join(root, 'workflows', 'night.ts'), code);
  return root;
}

it('is run from the command line with no key, at half the price', { timeout: 30_000 }, async () => {
  const { ended } = start(['run', 'night', '--json'], {}, { cwd: project() });
  const { code: status, stdout } = await ended;
  expect(status).toBe(0);
  const { output, usage, price } = JSON.parse(stdout);
  expect(output).toHaveLength(3);
  // gpt-5-mini: $0.25 and $2 a million tokens.
  const list = (usage.inputTokens * 0.25 + usage.outputTokens * 2) / 1_000_000;
  expect(price.usd).toBeCloseTo(list / 2, 10);
});

it('is taken back from the provider by Ctrl-C', { timeout: 30_000 }, async () => {
  const provider = await startProvider({ latency: () => 60_000 });
  const running = start(['run', 'night'], provider.environment, { cwd: project() });
  await expect.poll(() => provider.meter.created, { timeout: 20_000 }).toBe(1);
  running.child.kill('SIGINT');
  await running.ended;
  expect(provider.meter).toMatchObject({ created: 1, cancelled: 1 });
});
