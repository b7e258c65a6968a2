import { answerIn } from './answer.ts';
import type { Account } from './budget/budgeted-call.ts';
import { longestCall } from './client.ts';
import type { Connection } from './connection.ts';
import { ModelError } from './errors.ts';
import { type Exchange, exchange } from './exchange.ts';
import { resultOf, unusable } from './outcome.ts';
import { protocolOf } from './protocol.ts';
import { repairRequest } from './repair.ts';
import type { ModelRequest } from './request.ts';
import { checkFit } from './request-fit.ts';
import type { ModelResult } from './result.ts';
import { addSpend, type Spend } from './spend.ts';

export interface CallOptions {
  /** Aborting it ends the HTTP request; the call fails with 'Model.Aborted'. */
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch by which the caller will be stopped. Default: no such limit. */
  readonly deadline?: number;
  /** Is told the headers of every reply: they may hold the account's rate limits. */
  readonly onHeaders?: (headers: Headers) => void;
  /**
   * Asks the provider to stream, and is told the text of each answer as it comes: 1 for the first, one
   * more for each repair. What the call gives is the same. Default: not streamed.
   */
  readonly onText?: (text: string, answer: number) => void;
  /** Is asked before each attempt, and told what it used. Default: nobody pays attention. */
  readonly account?: Account;
  /** Whose time the limits are of. Default: the machine's. */
  readonly clock?: CallClock;
}

/** What a call needs of a clock; the engine's are such. */
export interface CallClock {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimer(delay: number, callback: () => void): { cancel(): void };
}

const machineClock: CallClock = {
  now: Date.now,
  setTimer(delay, callback) {
    const timer = setTimeout(callback, delay);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** What the function keeps of its time to report an error: half a second, or a tenth if that is less. */
const reserve = (remaining: number) => Math.min(500, remaining / 10);

/**
 * Makes one model call: one HTTP request, and one more for each repair of an answer that cannot be used
 * (`repairs` of the request). Nothing else is retried here: the state machine retries, by the name of
 * the error. Usage and price are those of all attempts, in the result or in the error.
 *
 * Time: the call, repairs included, ends at its own `timeoutSeconds` or a little before the deadline,
 * whichever comes first, with 'Model.Timeout', however long the provider is silent; the limit covers the
 * whole reply, not just its first byte. Nothing but `ModelError` is thrown.
 */
export async function callModel(
  request: ModelRequest,
  connection: Connection,
  options: CallOptions = {},
): Promise<ModelResult> {
  const { provider } = connection;
  const at = { provider: provider.name, model: request.model };
  const { clock = machineClock } = options;
  const limit = timeLimit(request, options.deadline, clock);
  if (limit <= 0) {
    throw new ModelError(
      'Model.Timeout',
      `${at.provider}:${at.model} was not called: the function has no time left. Give it a longer timeout.`,
      at,
    );
  }
  checkFit(request, provider, protocolOf(request, provider));
  const late = new AbortController();
  const timer = clock.setTimer(limit, () => late.abort());
  const signal = AbortSignal.any([late.signal, ...(options.signal ? [options.signal] : [])]);
  const meter = new Meter();
  try {
    return await attempts(request, connection, signal, options, meter);
  } catch (thrown) {
    if (options.signal?.aborted) throw meter.onto(aborted(at));
    if (late.signal.aborted) throw meter.onto(timedOut(at, limit, request));
    throw thrown instanceof ModelError ? meter.onto(thrown) : thrown;
  } finally {
    timer.cancel();
  }
}

/** Counts what the attempts of one call used. */
class Meter {
  attempts = 0;
  spend: Spend | null = null;

  add({ reply }: Exchange): void {
    this.spend = reply.spend === null ? this.spend : addSpend(this.spend, reply.spend);
  }

  /** The error, with what was spent until then. */
  onto(error: ModelError): ModelError {
    const spend = error.spend === null ? this.spend : addSpend(this.spend, error.spend);
    return spend === null ? error : error.withSpend(spend);
  }
}

async function attempts(
  request: ModelRequest,
  connection: Connection,
  signal: AbortSignal,
  { onHeaders, onText, account }: CallOptions,
  meter: Meter,
): Promise<ModelResult> {
  const provider = connection.provider.name;
  const started = performance.now();
  const most = 1 + (request.repairs ?? 1);
  let asked = request;
  for (;;) {
    await account?.reserve(asked);
    meter.attempts += 1;
    const count = meter.attempts;
    const tell = onText && ((text: string) => onText(text, count));
    const answered = await exchange(asked, connection, signal, tell);
    meter.add(answered);
    account?.answered(answered.reply.spend);
    onHeaders?.(answered.headers);
    const { reply, wrapped, requestId } = answered;
    const answer = answerIn(reply, { provider, request, wrapped });
    if (!('problem' in answer)) {
      return resultOf(answer, {
        reply,
        request,
        provider,
        requestId,
        spend: meter.spend,
        attempts: meter.attempts,
        latency: performance.now() - started,
      });
    }
    if (answer.isFinal || meter.attempts >= most)
      throw unusable(answer, provider, request, meter.attempts);
    asked = repairRequest(asked, reply, answer.problem);
  }
}

function timeLimit(request: ModelRequest, deadline: number | undefined, clock: CallClock): number {
  const remaining = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - clock.now();
  const own = (request.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const beforeDeadline = remaining - reserve(Math.max(0, remaining));
  return Math.floor(Math.min(own, beforeDeadline, longestCall));
}

function aborted(at: { provider: string; model: string }): ModelError {
  return new ModelError(
    'Model.Aborted',
    `The call of ${at.provider}:${at.model} was stopped by its caller before it was answered.`,
    at,
  );
}

function timedOut(
  at: { provider: string; model: string },
  limit: number,
  request: ModelRequest,
): ModelError {
  const own = request.timeoutSeconds !== undefined && limit === request.timeoutSeconds * 1000;
  const mend = own ? "Raise the step's timeout" : "Raise the function's timeout";
  return new ModelError(
    'Model.Timeout',
    `${at.provider}:${at.model} did not finish its answer within ${limit / 1000} seconds. ${mend}, ask for less, or retry.`,
    at,
  );
}
