import { expect, it } from 'vitest';
import { checkLink, type GivenLink, signedPath } from '../../lib/callback/signed-link.ts';

const secret = 'a secret of the test';
const path = '/approvals/abc';
const expires = 2_000_000_000;

function given(link: string): GivenLink {
  const url = new URL(link, 'http://any');
  const { searchParams } = url;
  return {
    path: url.pathname,
    expires: searchParams.get('expires'),
    signature: searchParams.get('signature'),
  };
}

const link = given(signedPath({ path, expires, secret }));

it('knows its own link until it expires', () => {
  expect(checkLink(link, secret)).toBe('good');
  expect(checkLink(link, secret, expires * 1000 - 1)).toBe('good');
  expect(checkLink(link, secret, expires * 1000)).toBe('expired');
});

it('knows a link that never expires', () => {
  const forever = given(signedPath({ path, expires: null, secret }));
  expect(checkLink(forever, secret, Number.MAX_SAFE_INTEGER)).toBe('good');
});

it.each<[string, Partial<GivenLink>]>([
  ['another path', { path: '/approvals/abd' }],
  ['a later expiry', { expires: String(expires + 1) }],
  ['no expiry', { expires: null }],
  ['an expiry that is no number', { expires: `${expires}.0` }],
  ['no signature', { signature: null }],
  ['an empty signature', { signature: '' }],
  ['a shorter signature', { signature: String(link.signature).slice(1) }],
  ['a longer signature', { signature: `${link.signature}A` }],
  ['another signature', { signature: String(link.signature).replace(/^./, '-') }],
  ['a path that goes on', { path: `${path}\n` }],
  ['a path without end', { path: path.repeat(100) }],
])('rejects %s as forged', (_, change) => {
  expect(checkLink({ ...link, ...change }, secret)).toBe('forged');
});

it('rejects a link that another secret has signed', () => {
  expect(checkLink(link, 'another secret')).toBe('forged');
});

it('rejects an expired link that is forged as forged', () => {
  expect(checkLink({ ...link, expires: '1' }, secret)).toBe('forged');
});
