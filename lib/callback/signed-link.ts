import { createHmac, timingSafeEqual } from 'node:crypto';

/** The longest path that is looked at: a longer one is refused before anything is computed. */
const longestPath = 1_024;

export interface LinkTerms {
  /** What the link leads to, from the root: '/approvals/abc'. The signature is good for it alone. */
  readonly path: string;
  /** Seconds since the epoch from which on the link is refused; null: it never expires. */
  readonly expires: number | null;
  /** What signs: at least 32 random bytes as text. */
  readonly secret: string;
}

/** What a request says of its link: its path and its query's `expires` and `signature`, as they came. */
export interface GivenLink {
  readonly path: string;
  readonly expires: string | null | undefined;
  readonly signature: string | null | undefined;
}

export type LinkCheck = 'good' | 'expired' | 'forged';

/**
 * The path with its query: '/approvals/abc?expires=1795000000&signature=...', or without `expires` for
 * a link that never does. The signature is HMAC-SHA256 over the path and the expiry.
 */
export function signedPath({ path, expires, secret }: LinkTerms): string {
  const query = new URLSearchParams({
    ...(expires === null ? {} : { expires: String(expires) }),
    signature: signature(path, expires === null ? '' : String(expires), secret),
  });
  return `${path}?${query}`;
}

/**
 * Whether a link was signed with the secret, and is still good. Compared in constant time. What is not
 * signed is forged, whatever its expiry says.
 * @param now milliseconds since the epoch
 */
export function checkLink(given: GivenLink, secret: string, now: number = Date.now()): LinkCheck {
  const { path, expires, signature: said } = given;
  if (path.length > longestPath || !said || !/^\d{0,12}$/.test(expires ?? '')) return 'forged';
  const expected = Buffer.from(signature(path, expires ?? '', secret));
  const actual = Buffer.from(said);
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return 'forged';
  return expires && Number(expires) * 1000 <= now ? 'expired' : 'good';
}

/** A line break cannot stand in a path, so no path and expiry can be read as two others. */
function signature(path: string, expires: string, secret: string): string {
  return createHmac('sha256', secret).update(`link\n${path}\n${expires}`).digest('base64url');
}
