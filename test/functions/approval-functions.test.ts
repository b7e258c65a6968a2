import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import { handler as authorize } from '../../functions/link-authorizer.ts';
import { signedPath } from '../../lib/callback/signed-link.ts';

const secret = 'a secret of sixty-four characters, as Secrets Manager makes them';
const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

describe('the authorizer of links', () => {
  it.each([
    ['a link that never expires', null, true],
    ['a link that has not expired', 4_000_000_000, true],
    ['an expired link', 1, false],
  ])('judges %s', async (_, expires, isAuthorized) => {
    process.env.CLOUDGATHER_LINK_SECRET = secret;
    const link = new URL(signedPath({ path: '/webhooks/openai', expires, secret }), 'http://any');
    const request = {
      rawPath: link.pathname,
      queryStringParameters: Object.fromEntries(link.searchParams),
    };
    expect(await authorize(request)).toEqual({ isAuthorized });
    expect(await authorize({ ...request, rawPath: '/webhooks/other' })).toEqual({
      isAuthorized: false,
    });
  });

  it('refuses a request without a query', async () => {
    process.env.CLOUDGATHER_LINK_SECRET = secret;
    expect(await authorize({ rawPath: '/approvals/a' })).toEqual({ isAuthorized: false });
  });
});

describe('the bundles of approvals', () => {
  it.each([
    ['approval', 60],
    ['approval-link', 140],
    ['link-authorizer', 60],
  ])('hold %s in %i KB, without openai and the AWS SDK', async (name, most) => {
    const entry = fileURLToPath(new URL(`../../functions/${name}.ts`, import.meta.url));
    const { outputFiles, metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      mainFields: ['module', 'main'],
      write: false,
      metafile: true,
      outdir: 'out',
    });
    expect(outputFiles[0]!.contents.length / 1024).toBeLessThan(most);
    for (const input of Object.keys(metafile.inputs)) {
      expect(input).not.toMatch(/node_modules\/(openai|@aws-sdk|@smithy|zod)\//);
    }
  });
});
