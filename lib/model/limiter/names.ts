/** The numbers of a row. Names are short, because DynamoDB counts them as size. */
export const names = {
  /** When the request bucket, refilling, will be full again: the later, the emptier it is. */
  requests: 'rq',
  /** The same of the token bucket. */
  tokens: 'tk',
  /** The same of the calls in flight: it refills as calls end. */
  flights: 'fl',
  /** No call before this time: a provider's Retry-After. */
  closedUntil: 'cl',
  /** The share of the limits that is used: lowered by a refusal, raised by successes. Absent: 1. */
  scale: 'sc',
  /** Counts refusals, so that the calls of one storm lower the scale once. */
  epoch: 'ep',
  /** Since the door was closed last: calls that went, that the provider took, and that it refused. */
  tried: 'tr',
  proven: 'pv',
  refused: 'rf',
  /** How long the last refusal closed the door, in milliseconds. */
  closedFor: 'cf',
  /** Limits per minute, as the provider told them or as a refusal taught them. */
  requestLimit: 'lr',
  tokenLimit: 'lt',
  /** The request limit was taught: 1: by a first refusal, which is a guess; 2: by two, between which it was measured. */
  taught: 'gu',
  /** When the buckets were full last. */
  begun: 'bg',
  /** Where no limit is known, instead of `requests`: what refusals teach is learned with it. */
  pacing: 'lp',
  /** Then also: calls that went since a time, and those of them that the provider's bucket was taken to hold. */
  passed: 'pa',
  since: 'si',
  credit: 'cr',
  /** Sums of tokens: used, and estimated for the same calls. */
  used: 'us',
  estimated: 'es',
  /** How long the last call took, in milliseconds. */
  latency: 'lm',
} as const;

/** Runs are spread over so many lines; two runs share one with a chance of 1 in 32. */
const lines = 32;

/** The numbers of one line. */
export interface LineNames {
  /** How many calls came to wait, and how many of them went. */
  readonly came: string;
  readonly went: string;
  /** When it is forgotten. */
  readonly until: string;
  /** When its share of the refilling, used up by the calls that went, will be whole again. */
  readonly share: string;
  /** How much refilling its calls have had, counted from when the buckets were full. */
  readonly had: string;
}

export function lineOf(run: string): LineNames {
  return lineNames(hash(run) % lines);
}

export const allLines: readonly LineNames[] = Array.from({ length: lines }, (_, index) =>
  lineNames(index),
);

function lineNames(index: number): LineNames {
  return {
    came: `a${index}`,
    went: `g${index}`,
    until: `u${index}`,
    share: `t${index}`,
    had: `h${index}`,
  };
}

/** FNV-1a: spreads similar names. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}

/** Longer than the longest call. */
const flightWindow = 1_200_000;

/**
 * Counts the calls in flight that began in one window. A call that never settles, because its function
 * was stopped, is forgotten with its window.
 */
export function flightName(time: number): string {
  return `f${Math.floor(time / flightWindow)}`;
}

/** Counters whose time is over. */
export function isStale(name: string, now: number): boolean {
  return isFlight(name) && Number(name.slice(1)) < Math.floor(now / flightWindow) - 1;
}

export function isFlight(name: string): boolean {
  return /^f\d+$/.test(name);
}
