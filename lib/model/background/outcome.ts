import { answerIn } from '../answer.ts';
import { priceFactor } from '../batch/price-factor.ts';
import { readChatReply } from '../chat-reply.ts';
import { ModelError } from '../errors.ts';
import { field, textField } from '../field.ts';
import { resultOf, unusable } from '../outcome.ts';
import { spendBy } from '../prices.ts';
import type { Protocol } from '../protocol.ts';
import type { Provider } from '../providers.ts';
import { repairRequest } from '../repair.ts';
import type { Reply } from '../reply.ts';
import { requestIdIn } from '../request-id.ts';
import { readResponse } from '../responses-reply.ts';
import type { ModelResult } from '../result.ts';
import { addSpend, type Spend } from '../spend.ts';
import { faultInReply } from '../status-fault.ts';
import { wireSchema } from '../wire-schema.ts';
import type { Job } from './job.ts';
import type { Told } from './responses.ts';

/** What becomes of a job whose attempt is over. */
export type JobOutcome = (
  | { readonly kind: 'result'; readonly result: ModelResult }
  | { readonly kind: 'failure'; readonly error: ModelError }
  /** The answer cannot be used: it is asked for again. */
  | { readonly kind: 'repair'; readonly next: Repair }
) & {
  /** What this attempt has used; null: nobody says. */
  readonly spend: Spend | null;
};

/** What a job's next attempt has anew. */
export type Repair = Pick<Job, 'asked' | 'attempt' | 'spend'>;

/** More would not fit into a row of the table, which holds 400 KB. */
const largestRepair = 150_000;

/** Whether the provider still works on a response. */
export function isOpen({ data }: Told): boolean {
  return ['queued', 'in_progress'].includes(textField(data, 'status') ?? '');
}

/** Where a reply comes from. */
export interface RepliedBy {
  readonly provider: Provider;
  readonly baseURL: string;
  /** Default: 'responses'. */
  readonly protocol?: Protocol;
}

const readers = { chat: readChatReply, responses: readResponse };

/** What a reply says, at the price that the request gives or the list has; null: it is none. */
export function replyIn(
  { data }: Told,
  { request, lane }: Pick<Job, 'request' | 'lane'>,
  { provider, protocol = 'responses' }: RepliedBy,
): Reply | null {
  const { name } = provider;
  const reply = readers[protocol](data, name, request.model);
  const factor = priceFactor(lane, provider);
  return reply && { ...reply, spend: reply.spend && spendBy(request, reply.spend, name, factor) };
}

/** What a reply that is whole means, by the same reading and the same checks as in the sync lane. */
export function jobOutcome(job: Job, told: Told, by: RepliedBy, now: number): JobOutcome {
  const { provider, baseURL } = by;
  const { request, attempt } = job;
  const asked = job.asked ?? request;
  const name = provider.name;
  const reply = replyIn(told, job, by);
  const used = reply?.spend ?? null;
  const spend = used ? addSpend(job.spend ?? null, used) : (job.spend ?? null);
  const failed = (error: ModelError): JobOutcome => ({
    kind: 'failure',
    spend: used,
    error: spend === null ? error : error.withSpend(spend),
  });
  if (textField(told.data, 'status') === 'cancelled') {
    // We have stopped it, and its webhook comes before the provider's answer.
    if (now >= job.deadline) return failed(timedOut({ ...job, spend: undefined }, name));
    return failed(aborted(name, request.model));
  }
  const fault = faultInReply(told.data, { provider, model: request.model, baseURL, sent: [] });
  if (fault !== null) return failed(fault);
  if (reply === null) return failed(unreadable(by, request.model));
  try {
    const wrapped = request.output !== undefined && wireSchema(request.output.schema).wrapped;
    const answer = answerIn(reply, { provider: name, request, wrapped });
    if (!('problem' in answer)) {
      const requestId = requestIdIn(told.headers, null);
      const latency = now - job.started;
      const of = { reply, request, provider: name, requestId, spend, attempts: attempt, latency };
      return { kind: 'result', spend: used, result: resultOf(answer, of) };
    }
    const next = repairRequest(asked, reply, answer.problem);
    const isLast =
      attempt > (request.repairs ?? 1) ||
      now >= job.deadline ||
      JSON.stringify(next).length > largestRepair;
    if (answer.isFinal || isLast) return failed(unusable(answer, name, request, attempt));
    return { kind: 'repair', spend: used, next: nextAttempt(job, next, spend) };
  } catch (error) {
    if (error instanceof ModelError) return failed(error);
    throw error;
  }
}

function nextAttempt({ attempt }: Job, asked: Job['request'], spend: Spend | null): Repair {
  return { asked, attempt: attempt + 1, ...(spend ? { spend } : {}) };
}

/** The job's id and attempt that a response's metadata names; null: it is not one of ours. */
export function jobIn(data: unknown, names: { readonly job: string; readonly attempt: string }) {
  const id = textField(data, 'metadata', names.job);
  const attempt = Number(field(data, 'metadata', names.attempt));
  return id === undefined ? null : { id, attempt };
}

/** The error of a job whose time is over. */
export function timedOut(job: Job, provider: string): ModelError {
  const { model } = job.request;
  const seconds = Math.round((job.deadline - job.started) / 1000);
  const error = new ModelError(
    'Model.Timeout',
    `${provider}:${model} did not finish its answer within ${seconds} seconds, and was cancelled. Raise the step's timeout, ask for less, or retry.`,
    { provider, model },
  );
  return job.spend ? error.withSpend(job.spend) : error;
}

export function aborted(provider: string, model: string): ModelError {
  return new ModelError(
    'Model.Aborted',
    `The call of ${provider}:${model} was cancelled at the provider before it was answered.`,
    { provider, model },
  );
}

function unreadable({ provider: { name: provider }, protocol }: RepliedBy, model: string) {
  const what = protocol === 'chat' ? 'a Chat Completion' : 'a Response';
  return new ModelError(
    'Model.Unavailable',
    `${provider}:${model} ended with something that is not ${what}. Check that the base URL points to an OpenAI-compatible API.`,
    { provider, model, status: 200 },
  );
}
