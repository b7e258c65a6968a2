import type { Estimate } from './estimate.ts';
import { growingDrain } from './learning.ts';
import { balanced, partsOf, servedBefore, type Taken } from './lines.ts';
import { flightName, isFlight, isStale, type LineNames, names } from './names.ts';
import { type Pace, reservation } from './pace.ts';
import type { Change, Condition, Row } from './table.ts';

/** A call at the door. */
export interface Caller {
  readonly line: LineNames;
  /** Its place in the line, from 1; 0: in front of all, and not counted; undefined: it has none. */
  readonly place: number | undefined;
  readonly estimate: Estimate;
  readonly pace: Pace;
}

/**
 * It may go now (`waitMs` 0) or at a time that the change reserves for it; or it has to wait, and ask
 * again, with nothing reserved.
 */
export type Admission =
  | { readonly reserves: Change; readonly waitMs: number; readonly tokens: number }
  | {
      readonly reserves: null;
      readonly waitMs: number;
      /** Of that, what is not worth coming back before: the door is closed, or being tried by others. */
      readonly closedMs: number;
    };

/** A line may use so much of its share at once. */
const ahead = 1_000;
/** Full buckets are given out over some seconds, so that a run that comes a little later has its part. */
const handOut = 5_000;
/** How far ahead times are reserved. What was reserved for a run that is stopped is lost. */
const firm = 2_000;

/** A provider is trusted again when it has taken so many calls, and so many for each that it refused. */
const trusted = 16;
const trustedShare = 2;
/** A provider that has not refused a call for so long since its door opened is no longer on trial. */
const trialPeriod = 60_000;

/** What a call takes out of one bucket, or out of its line's share: milliseconds of refilling. */
interface Cost {
  readonly name: string;
  readonly ms: number;
  readonly burstMs: number;
}

/**
 * When a call may go, by what is known of the row, and the change that lets it.
 *
 * Buckets of requests and of tokens refill steadily. The lines, one for each run, share the refilling
 * evenly. A call whose time is near has it reserved, and finds the door open when it comes back. One that
 * has many in front is sent away for as long as these will take, and its time is reckoned anew from what
 * is known by then: limits, shares and what calls really use may be other ones.
 */
export function admit(row: Row, now: number, caller: Caller): Admission {
  const { pace, line } = caller;
  const tokens = reservation(caller.estimate, pace);
  const buckets = bucketCosts(row, pace, tokens);
  const perCall = Math.max(0, ...buckets.map(({ ms }) => ms));
  const credit = Math.min(
    pace.burstMs,
    ...buckets.map(({ name, burstMs }) => now + burstMs - Math.max(now, row[name] ?? 0)),
  );
  const haste = 1 + Math.max(0, credit - ahead) / handOut;
  const share = round((perCall * partsOf(row, now, line)) / haste);
  const costs = share > 0 ? [...buckets, { name: line.share, ms: share, burstMs: ahead }] : buckets;
  const ready = Math.max(
    0,
    (row[names.closedUntil] ?? 0) - now,
    ...costs.map((cost) => readyIn(row, cost, now)),
  );
  const front = servedBefore(row, now, line, inFront(row, now, caller), perCall);
  const drain = pace.learning
    ? growingDrain(front, pace.learning)
    : drainMs(front * perCall, Math.max(0, credit - ahead));
  const tryingMs = trialMs(row, now, front);
  const waitMs = ready + Math.max(tryingMs, drain);
  if (waitMs > firm || tryingMs > 0) {
    const closedMs = Math.max(0, (row[names.closedUntil] ?? 0) - now) + tryingMs;
    return { reserves: null, waitMs, closedMs };
  }
  // A second is the shortest wait; whoever finds too many in flight then is told another one.
  const goes = ready === 0 ? takeOff(row, now, caller) : null;
  const waits = goes === null ? Math.max(1_000, Math.ceil(ready / 1000) * 1000) : 0;
  return {
    reserves: entry(
      row,
      now,
      caller,
      costs,
      { ms: perCall, haste, isFull: buckets.every(({ name }) => (row[name] ?? 0) <= now) },
      waits,
      goes,
    ),
    waitMs: waits,
    tokens,
  };
}

/** The change by which a call that goes now is in flight; null: too many are already. */
export function takeOff(row: Row, now: number, { pace }: Caller): Change | null {
  const flight = flightName(now);
  const held = inFlight(row, now);
  if (pace.inFlight !== undefined && held >= pace.inFlight) return null;
  const room = (pace.inFlight ?? 0) - held + (row[flight] ?? 0);
  return {
    when: [
      { name: names.closedUntil, is: '<=', value: now, orAbsent: true },
      ...(pace.inFlight === undefined
        ? []
        : [{ name: flight, is: '<', value: room, orAbsent: true } as const]),
    ],
    add: {
      [flight]: 1,
      ...(isOnTrial(row, now) ? { [names.tried]: 1 } : {}),
      ...(pace.learning === undefined ? {} : { [names.passed]: 1 }),
    },
    remove: Object.keys(row).filter((name) => isStale(name, now)),
  };
}

/** Calls in flight are a bucket, too: it refills as calls end. The count itself is checked besides. */
function bucketCosts(row: Row, pace: Pace, tokens: number): readonly Cost[] {
  const { burstMs, inFlight } = pace;
  const latency = row[names.latency] ?? 1_000;
  const costs = [
    { name: pace.learning ? names.pacing : names.requests, ms: round(pace.requestMs), burstMs },
    { name: names.tokens, ms: round(tokens * pace.tokenMs), burstMs: pace.tokenBurstMs },
    {
      name: names.flights,
      ms: inFlight === undefined ? 0 : round(latency / inFlight),
      burstMs: latency,
    },
  ];
  return costs.filter(({ ms }) => ms > 0);
}

/** How long until a bucket has what a call takes. A full bucket serves any call, also a larger one. */
function readyIn(row: Row, { name, ms, burstMs }: Cost, now: number): number {
  const fullAt = row[name] ?? 0;
  return fullAt <= now ? 0 : Math.max(0, fullAt + ms - burstMs - now);
}

/**
 * After a refusal nobody knows how much the provider takes: calls try it in waves, of which each is as
 * large as all that it took before it. Were all to come back when the door opens, the first refusal would
 * send them all away again, and each coming costs the run seven events of its history.
 */
function trialMs(row: Row, now: number, front: number): number {
  if (!isOnTrial(row, now)) return 0;
  const [tried = 0, proven = 0] = [row[names.tried], row[names.proven]];
  const wave = Math.max(row[names.closedFor] ?? 0, row[names.latency] ?? 1_000);
  const before = front + Math.max(0, tried - proven);
  const waves = Math.floor(Math.log2(1 + before / (1 + proven)));
  return waves * Math.min(trialPeriod, wave);
}

/** Whether it has still to show, after its last refusal, that it takes calls. */
export function isOnTrial(row: Row, now: number): boolean {
  const [proven = 0, refused = 0] = [row[names.proven], row[names.refused]];
  const isTrusted = proven >= trusted && proven >= trustedShare * refused;
  return refused > 0 && !isTrusted && now < (row[names.closedUntil] ?? 0) + trialPeriod;
}

/** How many calls of the same line stand in front. */
function inFront(row: Row, now: number, { line, place }: Caller): number {
  if ((row[line.until] ?? 0) < now) return 0;
  const went = row[line.went] ?? 0;
  return Math.max(0, place === undefined ? (row[line.came] ?? 0) - went : place - went - 1);
}

/** How long it takes until so much refilling is used up, of which some is there and handed out first. */
function drainMs(work: number, credit: number): number {
  let low = 0;
  let high = work;
  while (high - low > 1) {
    const middle = (low + high) / 2;
    if (middle + credit * (1 - Math.exp(-middle / handOut)) < work) low = middle;
    else high = middle;
  }
  return high;
}

export function inFlight(row: Row, now: number): number {
  const counters = Object.keys(row).filter((name) => isFlight(name) && !isStale(name, now));
  return counters.reduce((sum, name) => sum + (row[name] ?? 0), 0);
}

/** The change that takes the call's cost out of the buckets, if they still stand as they did. */
function entry(
  row: Row,
  now: number,
  caller: Caller,
  costs: readonly Cost[],
  taken: Taken,
  waitMs: number,
  goes: Change | null,
): Change {
  const idle = costs.filter(({ name }) => (row[name] ?? 0) <= now);
  const busy = costs.filter(({ name }) => (row[name] ?? 0) > now);
  const anew = caller.pace.learning?.anew;
  const { [names.passed]: passed = 0, ...going } = goes?.add ?? {};
  const had = costs.length === 0 ? {} : balanced(row, now, caller.line, taken);
  return {
    when: [
      ...idle.map(({ name }) => ({ name, is: '<=', value: now, orAbsent: true }) as const),
      ...busy.flatMap(({ name, ms, burstMs }): Condition[] => [
        { name, is: '>=', value: now },
        { name, is: '<=', value: round(now + waitMs + burstMs - ms) },
      ]),
      ...[names.scale, names.requestLimit, names.tokenLimit, names.epoch].map((name) =>
        unchanged(row, name),
      ),
      ...(goes?.when ?? []),
    ],
    set: {
      ...Object.fromEntries(idle.map(({ name, ms }) => [name, round(now + ms)])),
      ...(anew ? { ...anew, [names.passed]: passed } : {}),
      ...had.set,
    },
    add: {
      ...Object.fromEntries(busy.map(({ name, ms }) => [name, ms])),
      ...(caller.place ? { [caller.line.went]: 1 } : {}),
      ...going,
      ...(anew || passed === 0 ? {} : { [names.passed]: passed }),
      ...had.add,
    },
    remove: goes?.remove ?? [],
  };
}

/** A number that the costs were reckoned with is still what it was, or still absent. */
export function unchanged(row: Row, name: string): Condition {
  const value = row[name];
  return value === undefined
    ? { name, is: '=', value: -1, orAbsent: true }
    : { name, is: '=', value };
}

/** DynamoDB keeps 38 digits; sums of these stay readable. */
export function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
