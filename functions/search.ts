export interface SearchInput {
  readonly query: string;
  /** The origin of a MediaWiki: 'https://en.wikipedia.org'. */
  readonly wiki: string;
}

export interface Page {
  readonly title: string;
  readonly excerpt: string;
}

/** The three pages of a wiki that fit a query best. A wiki that refuses fails with Search.Failed. */
export async function handler({ query, wiki }: SearchInput): Promise<{ pages: Page[] }> {
  const url = new URL('/w/rest.php/v1/search/page', wiki);
  url.search = new URLSearchParams({ q: query, limit: '3' }).toString();
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) {
    const failure = new Error(`The wiki answered ${response.status}.`);
    failure.name = 'Search.Failed';
    throw failure;
  }
  const { pages } = (await response.json()) as { pages: Page[] };
  return { pages: pages.map(({ title, excerpt }) => ({ title, excerpt: plain(excerpt) })) };
}

/** The wiki marks what it found with tags. */
function plain(excerpt: string): string {
  return excerpt.replace(/<[^>]*>/g, '');
}
