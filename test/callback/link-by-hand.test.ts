import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { signedPath } from '../../lib/callback/signed-link.ts';

/** The command of docs/deploy.md that signs a webhook's address, without the two that ask AWS. */
function command(): string {
  const block =
    readFileSync('docs/deploy.md', 'utf8').match(/```sh\n(LINKS=[\s\S]*?)```/)?.[1] ?? '';
  return block.replace(/^(LINKS|API_URL)=.*\n/gm, '');
}

it('is signed by the command of the documentation as by the code', () => {
  const secret = 'a'.repeat(64);
  const told = execFileSync('sh', ['-c', command()], {
    env: { PATH: process.env.PATH, LINKS: secret, API_URL: 'https://api.example' },
    encoding: 'utf8',
  });
  const path = signedPath({ path: '/webhooks/openai', expires: null, secret });
  expect(told.trim()).toBe(`https://api.example${path}`);
});
