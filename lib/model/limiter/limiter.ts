import { admit, type Caller, isOnTrial, round, takeOff, unchanged } from './admission.ts';
import type { Estimate } from './estimate.ts';
import { learnedFrom, observed } from './learning.ts';
import type { Limits, ToldLimits } from './limits.ts';
import { flightName, lineOf, names } from './names.ts';
import { isLearned, type Pace, paceOf } from './pace.ts';
import { type Change, type LimiterTable, type Row, TableBusy } from './table.ts';

/** One call that wants to go. */
export interface Wish {
  /** 'openai:gpt-5-mini': what the limits are of. */
  readonly key: string;
  readonly run: string;
  /** As the limiter gave them, when the call waited before. */
  readonly place: number | undefined;
  readonly ticket: Ticket | undefined;
  readonly estimate: Estimate;
  /** What the user set. */
  readonly limits: Limits;
  /** What the table guesses. */
  readonly guess: Limits;
}

/** A time that is reserved, and paid out of the buckets: good until the provider refuses a call. */
export interface Ticket {
  readonly epoch: number;
  readonly tokens: number;
}

/** A call that may go; it must be settled. */
export interface Grant {
  readonly granted: true;
  readonly wish: Wish;
  readonly pace: Pace;
  /** Reserved. */
  readonly tokens: number;
  readonly epoch: number;
  readonly at: number;
  /** Calls a minute that the provider has let through so far; absent where its limit is known. */
  readonly observed?: number;
}

/** A call that has to wait so many seconds: then its ticket lets it in, or its place says how near it is. */
export interface Wait {
  readonly granted: false;
  readonly seconds: number;
  readonly place?: number;
  readonly ticket?: Ticket;
}

/** How a granted call ended. */
export interface Outcome {
  /** Tokens that it really used; null: not known, so the reservation stands. */
  readonly tokens: number | null;
  /** Absent: how long it took says nothing of other calls. */
  readonly latencyMs?: number;
  readonly told?: ToldLimits;
}

/** In front of all places: for a call whose turn it was already, so that it is not counted again. */
const front = 0;
/** Then the call's wait is reckoned anew. Longer waits would not see that others have left. */
const longestWait = 600;
/** Before anything is known of what calls really use, nobody is sent away for longer. */
const longestUnlearned = 10_000;
/** A wait beyond this is told a tenth shorter: whoever comes too late leaves its time unused. */
const distant = 30_000;
/** A line is forgotten when nobody of it came back for so long after the time that was told. */
const grace = 60_000;
/** How often a change is tried against a row that others change, too. */
const tries = 8;

/** Of many calls that race for the last of a bucket, those that lost so often get in line. */
const mostRaces = 2;
const lowered = 0.7;
const raised = 0.01;
const least = 0.05;

/**
 * Keeps a deployment's calls within each provider's limits, together with every other limiter on the
 * same table. A granted call costs one conditional update, and one more when it settles; a call that has
 * to wait costs one, and is told how long: nobody sleeps here.
 */
export class Limiter {
  readonly #table: LimiterTable;
  readonly #now: () => number;
  readonly #random: () => number;
  /** The rows as last seen: a first guess that the update's conditions check. */
  readonly #seen = new Map<string, Row>();

  constructor(
    table: LimiterTable,
    options: { readonly now?: () => number; readonly random?: () => number } = {},
  ) {
    this.#table = table;
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
  }

  /** @throws what the table throws, but for TableBusy, which is a short wait */
  async reserve(wish: Wish): Promise<Grant | Wait> {
    try {
      if (wish.ticket === undefined) return await this.#inLine(wish);
      const byTicket = await this.#byTicket(wish, wish.ticket);
      return byTicket ?? (await this.#inLine(wish));
    } catch (error) {
      if (error instanceof TableBusy) return this.#shortWait(wish);
      throw error;
    }
  }

  /** The door is open for a ticket; null: it is from before a refusal. */
  async #byTicket(wish: Wish, ticket: Ticket): Promise<Grant | Wait | null> {
    for (let turn = 0; turn < tries; turn++) {
      const { row, now, caller } = this.#at(wish);
      const goes = takeOff(row, now, caller);
      if (goes === null && turn > 0) return this.#shortWait(wish);
      const valid = { name: names.epoch, is: '=', value: ticket.epoch } as const;
      const { done, row: after } = await this.#change(wish.key, {
        ...(goes ?? staying(now, caller, 0)),
        when: [...(goes?.when ?? []), { ...valid, orAbsent: ticket.epoch === 0 }],
      });
      if ((after[names.epoch] ?? 0) !== ticket.epoch) return null;
      if (done && goes) {
        return granted(wish, caller.pace, ticket, now, after);
      }
      if ((after[names.closedUntil] ?? 0) > now) return null;
    }
    return this.#shortWait(wish);
  }

  async #inLine(wish: Wish): Promise<Grant | Wait> {
    const { line } = this.#at(wish).caller;
    let place = wish.place;
    let isFresh = false;
    let lostRaces = 0;
    for (let turn = 0; turn < tries; turn++) {
      const { row, now, caller } = this.#at({ ...wish, place });
      const admission = admit(row, now, caller);
      const { reserves, waitMs } = admission;
      if (reserves !== null && lostRaces < mostRaces) {
        const { done, row: after } = await this.#change(wish.key, reserves);
        isFresh = true;
        if (!done) lostRaces += 1;
        if (!done) continue;
        const ticket = { epoch: after[names.epoch] ?? 0, tokens: admission.tokens };
        if (waitMs > 0) return { granted: false, seconds: waitMs / 1000, ticket };
        return granted(wish, caller.pace, ticket, now, after);
      }
      if (isFresh && place !== undefined) {
        const least = reserves === null ? Math.ceil(admission.closedMs / 1000) : 0;
        const seconds = waitSeconds(waitMs, place, caller);
        return { granted: false, seconds: Math.max(seconds, least), place };
      }
      const comes = place === undefined;
      const { done, row: after } = await this.#change(
        wish.key,
        comes ? coming(row, now, caller, waitMs) : staying(now, caller, waitMs),
      );
      isFresh = true;
      if (done && comes) place = after[line.came];
    }
    return this.#shortWait({ place });
  }

  /** What is known of a wish's row, now. */
  #at(wish: Wish): { readonly row: Row; readonly now: number; readonly caller: Caller } {
    const row = this.#seen.get(wish.key) ?? {};
    const now = this.#now();
    const pace = paceOf(row, now, wish.limits, wish.guess);
    const { place, estimate } = wish;
    return { row, now, caller: { line: lineOf(wish.run), place, estimate, pace } };
  }

  #shortWait({ place, ticket }: Partial<Pick<Wish, 'place' | 'ticket'>>): Wait {
    return {
      granted: false,
      seconds: 1 + Math.floor(this.#random() * 3),
      ...(place === undefined ? {} : { place }),
      ...(ticket === undefined ? {} : { ticket }),
    };
  }

  /** Gives back what was reserved and not used, and raises the scale again. */
  async settle(grant: Grant, outcome: Outcome): Promise<void> {
    const { wish, pace, tokens, at } = grant;
    const row = this.#seen.get(wish.key) ?? {};
    const estimated = wish.estimate.input + wish.estimate.output;
    const used = outcome.tokens;
    // A refusal has emptied the buckets since: what this call reserved is not in them any more.
    const isDrained = (row[names.epoch] ?? 0) !== grant.epoch;
    const onTrial = isOnTrial(row, this.#now());
    const change: Change = {
      add: {
        [flightName(at)]: -1,
        ...(used === null ? {} : { [names.used]: used, [names.estimated]: estimated }),
        ...(used === null || pace.tokenMs === 0 || isDrained
          ? {}
          : { [names.tokens]: round((used - tokens) * pace.tokenMs) }),
        ...(used !== null && canGrow(row) ? { [names.scale]: raised } : {}),
        ...(onTrial && used !== null ? { [names.proven]: 1 } : {}),
        ...(onTrial && used === null && !isDrained ? { [names.tried]: -1 } : {}),
      },
      set: {
        ...(outcome.latencyMs === undefined
          ? {}
          : { [names.latency]: Math.round(outcome.latencyMs) }),
        ...newlyTold(row, outcome.told),
      },
      remove: outcome.told?.requestsPerMinute === undefined ? [] : ofLearning,
    };
    await this.#change(wish.key, change);
    await this.#heed(wish.key, outcome.told);
  }

  /** The provider has taken a call whose end is far: it takes calls. */
  async taken({ wish: { key } }: Grant): Promise<void> {
    if (!isOnTrial(this.#seen.get(key) ?? {}, this.#now())) return;
    await this.#change(key, { add: { [names.proven]: 1 } });
  }

  /**
   * The provider refused the call: nothing goes before its Retry-After, and the buckets then start with
   * what this call takes, and no more. A refusal for the rate lowers the scale, once for all calls that were in flight.
   * @returns what the call waits with
   */
  async refused(grant: Grant, seconds: number, forRate: boolean): Promise<Wait> {
    const { wish, pace, epoch } = grant;
    const now = this.#now();
    const until = now + seconds * 1000;
    const row = this.#seen.get(wish.key) ?? {};
    const refund: Record<string, number> = { [flightName(grant.at)]: -1 };
    const closed = { [names.closedUntil]: until };
    const first = await this.#change(wish.key, {
      when: [{ name: names.epoch, is: '=', value: epoch, orAbsent: epoch === 0 }],
      add: { ...refund, [names.epoch]: 1 },
      set: {
        ...closed,
        ...{ [names.tried]: 0, [names.proven]: 0, [names.refused]: 1 },
        [names.closedFor]: seconds * 1000,
        ...(pace.learning
          ? taught(grant, until, seconds, forRate)
          : {
              ...emptied(names.requests, until, pace.burstMs, pace.requestMs),
              ...emptied(names.tokens, until, pace.tokenBurstMs, grant.tokens * pace.tokenMs),
              ...(forRate ? lesson(row) : {}),
            }),
      },
    });
    if (!first.done) {
      await this.#change(wish.key, { add: { ...refund, [names.refused]: 1 } });
      const later = { name: names.closedUntil, is: '<', value: until, orAbsent: true } as const;
      await this.#change(wish.key, { when: [later], set: closed });
    }
    return { granted: false, seconds, place: front };
  }

  /** The provider says that less is left than the buckets hold: others use the same account. */
  async #heed(key: string, told: ToldLimits = {}): Promise<void> {
    const row = this.#seen.get(key) ?? {};
    const now = this.#now();
    const { burstMs } = paceOf(row, now, told, {});
    for (const [name, remaining, limit] of [
      [names.requests, told.remainingRequests, told.requestsPerMinute],
      [names.tokens, told.remainingTokens, told.tokensPerMinute],
    ] as const) {
      if (remaining === undefined || limit === undefined) continue;
      const fullAt = round(now + burstMs * (1 - Math.min(1, remaining / limit)));
      if ((row[name] ?? 0) > fullAt - burstMs / 10) continue;
      const when = [{ name, is: '<', value: fullAt, orAbsent: true } as const];
      await this.#change(key, { when, set: { [name]: fullAt } });
    }
  }

  async #change(key: string, change: Change) {
    const changed = await this.#table.change(key, change);
    this.#seen.set(key, changed.row);
    return changed;
  }
}

/** A call that comes to wait takes the last place; a line that was forgotten begins anew. */
function coming(row: Row, now: number, { line }: Caller, waitMs: number): Change {
  const until = Math.ceil(now + waitMs + grace);
  if (row[line.came] === undefined || (row[line.until] ?? 0) >= now) {
    return { add: { [line.came]: 1 }, set: { [line.until]: until } };
  }
  return {
    when: [unchanged(row, line.came), unchanged(row, line.until)],
    add: { [line.came]: 1 },
    set: { [line.until]: until, [line.went]: row[line.came] ?? 0 },
  };
}

function staying(now: number, { line }: Caller, waitMs: number): Change {
  return { set: { [line.until]: Math.ceil(now + waitMs + grace) } };
}

function waitSeconds(waitMs: number, place: number, { pace, estimate }: Caller): number {
  // Before some calls have settled, estimates may be many times what calls use: come and see.
  if (!isLearned(pace, estimate) && waitMs > longestUnlearned) return 4 + (place % 7);
  if (pace.learning && waitMs > distant) return 20 + (place % 10);
  const known = waitMs > distant ? waitMs * 0.9 : waitMs;
  return Math.min(longestWait, Math.max(1, Math.ceil(known / 1000)));
}

/** A bucket that holds one call's cost at that time, by the pace that a refusal lowers. */
function emptied(name: string, until: number, burstMs: number, cost: number): Row {
  return cost === 0 ? {} : { [name]: round(until + burstMs - Math.min(burstMs, cost / lowered)) };
}

/** What is known of a limit that nobody told. */
const ofLearning = [names.taught, names.pacing, names.passed, names.since, names.credit];

function granted(wish: Wish, pace: Pace, ticket: Ticket, at: number, row: Row): Grant {
  const seen = pace.learning === undefined ? {} : { observed: observed(row, at) };
  return { granted: true, wish, pace, ...ticket, at, ...seen };
}

/** What a refusal for the rate teaches of a limit that is known: a lower share of it is used. */
function lesson(row: Row): Row {
  return { [names.scale]: Math.max(least, round(Math.min(row[names.scale] ?? 1, 1) * lowered)) };
}

function canGrow(row: Row): boolean {
  return (row[names.scale] ?? 1) < 1;
}

/** A refusal where no limit is known teaches one; its bucket holds one call when the door opens. */
function taught(
  { pace, at, observed: seen = 0 }: Grant,
  until: number,
  seconds: number,
  forRate: boolean,
): Row {
  const { learning } = pace;
  if (learning === undefined) return {};
  if (!forRate) return emptied(names.pacing, until, pace.burstMs, pace.requestMs);
  const learned = learnedFrom(learning, seen, seconds, at);
  return { ...learned, [names.pacing]: until };
}

function newlyTold(row: Row, told: ToldLimits = {}): Row {
  const { requestsPerMinute, tokensPerMinute } = told;
  return {
    ...(requestsPerMinute === undefined || requestsPerMinute === row[names.requestLimit]
      ? {}
      : { [names.requestLimit]: requestsPerMinute }),
    ...(tokensPerMinute === undefined || tokensPerMinute === row[names.tokenLimit]
      ? {}
      : { [names.tokenLimit]: tokensPerMinute }),
  };
}
