import type { SiteKind } from './site.ts';

/** What happens at a site where the value is symbolic, and what to write instead. `{}` is the site's word. */
interface Advice {
  /** Continues "The value 'answer' is". */
  readonly used: string;
  /** What JavaScript makes of it. */
  readonly effect: string;
  readonly instead: string;
}

const always = 'JavaScript decides this now, and the same way for every run';
const wrong = 'JavaScript computes with what stands for the value';

/** What the message says for each kind of site but 'definition', which is asked of no value. */
export const advice: Readonly<Record<Exclude<SiteKind, 'definition'>, Advice>> = {
  if: {
    used: 'the condition of `if`',
    effect: always,
    instead:
      "Write when(x, then, otherwise) for a boolean, when(eq(x, 'yes'), ...) to compare, when(exists(x), ...) for what may be absent.",
  },
  loop: {
    used: 'the condition of `{}`',
    effect: always,
    instead: 'Write repeat({ start, most, until }, body), or each(items, body) for a list.',
  },
  '?:': {
    used: 'the condition of `?:`',
    effect: always,
    instead: 'Write when(x, then, otherwise), with eq, exists and the like for the condition.',
  },
  '!': {
    used: 'negated by `!`',
    effect: 'JavaScript gives false, for every run',
    instead:
      'Write not(x) for a boolean, not(exists(x)) for what may be absent, inside when or until.',
  },
  '&&': {
    used: 'the left side of `{}`',
    effect: 'JavaScript takes the right side, for every run',
    instead: 'Write and(x, y) for a condition, when(exists(x), y) for a value.',
  },
  '||': {
    used: 'the left side of `{}`',
    effect: 'JavaScript never takes the right side',
    instead: 'Write or(x, y) for a condition, when(exists(x), x, y) for a value.',
  },
  '??': {
    used: 'the left side of `{}`',
    effect: 'JavaScript never takes the right side',
    instead: 'Write when(exists(x), x, y), or give the field a default in its schema.',
  },
  comparison: {
    used: 'compared by `{}`',
    effect: always,
    instead: 'Write eq(x, y) or ne(x, y) inside when or until.',
  },
  absence: {
    used: 'compared with null or undefined by `{}`',
    effect: always,
    instead: 'Write exists(x), or eq(x, null), inside when or until.',
  },
  order: {
    used: 'compared by `{}`',
    effect: wrong,
    instead: 'Write lt, lte, gt or gte inside when or until.',
  },
  arithmetic: {
    used: 'an operand of `{}`',
    effect: wrong,
    instead: 'Write jsonata`${' + 'x} + 1`, compute in a task, or join text by a template literal.',
  },
  switch: {
    used: 'what `{}` compares',
    effect: 'JavaScript takes `default`, for every run',
    instead: "Write when(eq(x, 'a'), one, when(eq(x, 'b'), another, rest)).",
  },
  typeof: {
    used: 'asked for its type by `typeof`',
    effect: "JavaScript says 'function', for every run",
    instead: 'Write eq(jsonata`$type(${' + "x})`, 'string') inside when.",
  },
  in: {
    used: 'asked by `in` what it has',
    effect: always,
    instead: 'Write exists(x.field) inside when or until.',
  },
  instanceof: {
    used: 'asked for its class by `instanceof`',
    effect: 'JavaScript says false, for every run',
    instead: 'A run has plain data: compare a field with eq, or ask exists(x.field).',
  },
  '?.': {
    used: 'read by `?.`',
    effect: 'JavaScript never stops there, and a part that is absent fails the state that reads it',
    instead: 'Write when(exists(x), x.field, otherwise).',
  },
  default: {
    used: "taken apart with a default for '{}'",
    effect: 'JavaScript never takes the default',
    instead:
      "Give the field a default in the schema (z.string().default('...')), or write when(exists(x.field), x.field, otherwise).",
  },
  key: {
    used: 'the name of a property (`{}`)',
    effect: 'JavaScript looks for it now, and finds nothing',
    instead: 'Write jsonata`$lookup(${' + 'table}, ${' + 'x})`, or when(eq(x, ...), ...).',
  },
  iteration: {
    used: 'iterated (`{}`)',
    effect: 'JavaScript cannot know how many there are',
    instead:
      'Write each(items, async (item) => ...); only the result of a gather has a fixed width.',
  },
  spread: {
    used: 'spread (`...`)',
    effect: 'JavaScript cannot know what is in it',
    instead:
      'Pass it whole, or write jsonata`$append(${' +
      'a}, ${' +
      'b})` or `$merge([${' +
      'a}, ${' +
      'b}])`.',
  },
  length: {
    used: 'asked for its `length`',
    effect: 'it is not known now, and data has no such field',
    instead:
      'Write jsonata`$count(${' +
      'x})` for a list, `$length(${' +
      "x})` for text; a field of that name is x['length'].",
  },
  text: {
    used: 'changed or looked into by `.{}()`',
    effect: 'JavaScript works on what stands for the text',
    instead:
      'Write jsonata (`$substring`, `$contains`, `$split`, `$uppercase`, ...), or do it in a task.',
  },
  argument: {
    used: 'judged by `{}`',
    effect: always,
    instead: 'Write includes(list, x), eq(x, y) or exists(x) inside when or until.',
  },
  try: {
    used: 'awaited in a `try`',
    effect: 'its failure happens in a run, long after `catch` and `finally` have been passed',
    instead: 'Write await step.catch((failure) => ...).',
  },
};
