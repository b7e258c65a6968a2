import { createHash } from 'node:crypto';

/** As long as a provider's name may be: see `isProviderName`. */
const longest = 40;

/**
 * The provider's name of a server that is known by its URL alone: its host and path in small letters,
 * digits and hyphens, such as 'llm-example-v1', or 'at-127-0-0-1-8000-v1', since a name begins with a
 * letter. A long one is cut, and ends with what tells it from others.
 */
export function serverName({ host, pathname }: URL): string {
  const words = `${host}${pathname}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const name = /^[a-z]/.test(words) ? words : `at-${words}`;
  if (name.length <= longest) return name;
  const digest = createHash('sha256').update(words).digest('hex').slice(0, 8);
  return `${name.slice(0, longest - 9).replace(/-$/, '')}-${digest}`;
}
