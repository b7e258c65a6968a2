import {
  calcPrice,
  findProvider,
  type ModelPrice,
  type TieredPrices,
} from '@pydantic/genai-prices';

/** The day on which the package was published: of prices that change with time, those of this day. */
const publishedAt = new Date('2026-09-23T12:00:00Z');

/** Our providers, by their names in the package. Of the others its prices are not those of our calls. */
const sources: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  groq: 'groq',
  deepseek: 'deepseek',
  mistral: 'mistral',
  xai: 'x-ai',
  together: 'together',
};

/** Models whose tokens are not all text. */
const isOther = /audio|realtime|image|tts|transcribe|live|speech|ocr|embed|^ft:/;
/** Theirs no more, or of another company, or a name that has come to stand for another model. */
const foreign: Readonly<Record<string, RegExp>> = {
  openai: /^gpt-oss/,
  google: /^claude/,
  deepseek: /^deepseek-(chat|reasoner|r1)/,
};

/** What the package calls one of our providers. */
export function packageName(provider: string): string {
  return sources[provider] ?? provider;
}

type Match = { readonly [word: string]: string | readonly Match[] };
type Row = [number, number, number, number?];
type Info = NonNullable<ReturnType<typeof findProvider>>['models'][number];

/** `lib/model/price-list.json`, as text: one line a model. */
export function priceListText(): string {
  const providers = Object.entries(sources).map(([ours, theirs]) => {
    const models = Object.entries(modelsOf(ours, theirs)).map(
      ([name, rows]) => `    ${JSON.stringify(name)}: ${JSON.stringify(rows)}`,
    );
    return `  ${JSON.stringify(ours)}: {\n${models.join(',\n')}\n  }`;
  });
  return `{\n${providers.join(',\n')}\n}\n`;
}

function modelsOf(ours: string, theirs: string): Record<string, Row[]> {
  const found: Record<string, Row[]> = {};
  for (const model of findProvider({ providerId: theirs })?.models ?? []) {
    if (isOther.test(model.id) || foreign[ours]?.test(model.id)) continue;
    const prices = pricesOf(model);
    const rows = prices === null ? [] : rowsOf(prices);
    if (rows.length === 0) continue;
    for (const name of namesOf(model)) if (isNamedBy(model, name, theirs)) found[name] = rows;
  }
  // A dated name has the price of its family: see `tokenPricesOf`.
  const isKept = ([name, rows]: [string, Row[]]): boolean => {
    const family = name.replace(/-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$/, '');
    return family === name || JSON.stringify(found[family]) !== JSON.stringify(rows);
  };
  return Object.fromEntries(Object.entries(found).filter(isKept).sort(byName));
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** Every whole name that the package matches a model by. */
function namesOf({ id, match }: Info): ReadonlySet<string> {
  const names = new Set([id]);
  const walk = (each: Match): void => {
    for (const [word, value] of Object.entries(each)) {
      if (Array.isArray(value)) value.forEach(walk);
      else if (word === 'equals' || word === 'starts_with') names.add(String(value));
    }
  };
  walk(match as unknown as Match);
  return new Set([...names].filter((name) => /^[\w./:-]*\w$/.test(name)));
}

function isNamedBy({ id }: Info, name: string, providerId: string): boolean {
  const usage = { input_tokens: 1, output_tokens: 1 };
  return calcPrice(usage, name, { providerId, timestamp: publishedAt })?.model.id === id;
}

/**
 * Of several the last that had begun. null: they differ by the hour of the day, and the price of a call is
 * not known by its tokens alone.
 */
function pricesOf({ prices }: Info): ModelPrice | null {
  if (!Array.isArray(prices)) return prices;
  let found: ModelPrice | null = null;
  for (const { constraint, prices: rates } of prices) {
    if (constraint === undefined) found ??= rates;
    else if (!('start_date' in constraint)) return null;
    else if (new Date(constraint.start_date) <= publishedAt) found = rates;
  }
  return found;
}

/** One row for each size of the input, the smallest first. */
function rowsOf(prices: ModelPrice): Row[] {
  const { input_mtok: input, output_mtok: output, cache_read_mtok: cached = input } = prices;
  if (input === undefined || output === undefined || cached === undefined) return [];
  const all = [input, cached, output];
  const starts = new Set(all.flatMap((each) => tiersOf(each).map(({ start }) => start)));
  const sizes = [...starts].sort((a, b) => a - b);
  return [...sizes, undefined].map((upTo, index) => {
    const [a, b, c] = all.map((each) => priceFrom(each, sizes[index - 1])) as [
      number,
      number,
      number,
    ];
    return upTo === undefined ? [a, b, c] : [a, b, c, upTo];
  });
}

function tiersOf(price: number | TieredPrices): TieredPrices['tiers'] {
  return typeof price === 'number' ? [] : price.tiers;
}

/** @param from beyond so many tokens of input. Default: from the first on */
function priceFrom(price: number | TieredPrices, from = 0): number {
  if (typeof price === 'number') return price;
  return price.tiers.filter(({ start }) => start <= from).at(-1)?.price ?? price.base;
}
