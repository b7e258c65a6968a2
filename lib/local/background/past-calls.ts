import type { HistoryEvent } from '../../engine/history/event.ts';
import type { JsonObject } from '../../json.ts';
import { type Job, jobId } from '../../model/background/job.ts';
import type { ModelRequest } from '../../model/request.ts';

/** A call that a history tells of: given to the provider, and not answered. */
export interface PastCall {
  /** The function that gave it, by its ARN. */
  readonly submit: string;
  readonly job: Job;
}

const resource = 'invoke.waitForTaskToken';
const longest = 86_400;

/** What `lambda:invoke` is given in this lane. */
interface Parameters {
  readonly FunctionName: string;
  readonly Payload: {
    readonly taskToken?: string;
    readonly request?: ModelRequest;
    readonly lane?: 'batch';
  };
}

/**
 * The calls that were open when a run's process ended. In the background the answer's token and the
 * provider's id are in the history, so nothing is given to the provider again. In the lane 'batch' the
 * provider's batches tell which calls they hold, by the job's id, which is made of the token; a call that
 * was just being noted gets the same token again, and so finds its job.
 */
export function pastCalls(events: readonly HistoryEvent[]): readonly PastCall[] {
  const scheduled = new Map<number, PastCall>();
  const open = new Map<string, PastCall>();
  for (const { type, details, id, previousEventId, timestamp } of events) {
    if (details?.resource !== resource) continue;
    if (type === 'TaskScheduled') {
      const call = scheduledCall(String(details.parameters), timestamp);
      if (call) scheduled.set(id, call);
      if (call?.job.lane === 'batch') open.set(call.job.id, call);
      continue;
    }
    const before = scheduled.get(previousEventId);
    if (!before) continue;
    // Started and Submitted stand between Scheduled and the end.
    scheduled.set(id, before);
    if (type === 'TaskSubmitted') {
      const response = responseIn(String(details.output));
      if (response) open.set(before.job.id, { ...before, job: { ...before.job, response } });
    } else if (type !== 'TaskStarted') open.delete(before.job.id);
  }
  return [...open.values()];
}

function scheduledCall(parameters: string, started: number): PastCall | null {
  const { FunctionName: submit, Payload } = JSON.parse(parameters) as Parameters;
  const { taskToken: token, request, lane } = Payload ?? {};
  if (typeof token !== 'string' || !request?.model) return null;
  const deadline = started + (request.timeoutSeconds ?? longest) * 1000;
  const job: Job = { id: jobId(token), token, request, attempt: 1, started, deadline };
  return { submit, job: lane === 'batch' ? { ...job, lane, restored: true } : job };
}

function responseIn(output: string): string | undefined {
  const { Payload } = JSON.parse(output) as { readonly Payload?: JsonObject };
  return typeof Payload?.response === 'string' ? Payload.response : undefined;
}
