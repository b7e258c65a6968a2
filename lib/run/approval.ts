import type { HistoryEvent } from '../engine/history/event.ts';
import type { Json, JsonObject } from '../json.ts';
import { closesRun } from './fold.ts';

/** What a person is asked, as the document tells it to the function that asks. */
export interface ApprovalRequest {
  readonly workflow: string;
  readonly run: string;
  /** The state's name. */
  readonly step: string;
  readonly question: string;
  readonly details: Json | null;
  readonly timeoutSeconds: number;
}

/** What a person says. */
export interface ApprovalAnswer {
  readonly approved: boolean;
  readonly comment: string | null;
  /** As they call themselves: not authenticated. */
  readonly by: string | null;
}

/** A question that a run has asked. */
export interface Approval {
  /** Of the approval: no secret, and no right to answer by itself. */
  readonly id: string;
  readonly step: string;
  readonly question: string;
  readonly details: Json | null;
  /** ISO 8601, UTC. */
  readonly askedAt: string;
  /** When the time to answer is over. */
  readonly until: string;
  /** Null while it waits, and where it ended without one. */
  readonly answer: ApprovalAnswer | null;
  readonly waits: boolean;
}

/** An approval with the token of its task, which must never be shown. */
export interface ApprovalTask {
  readonly approval: Approval;
  readonly request: ApprovalRequest;
  readonly token: string;
  /** The id of its state's Entered event: the step's. */
  readonly stepId: number;
}

/** The request in the parameters of a scheduled task; null for any other task. */
export function approvalRequest(
  details: HistoryEvent['details'],
): { readonly request: ApprovalRequest; readonly token: string } | null {
  if (details?.resource !== 'invoke.waitForTaskToken' || !details.parameters) return null;
  const { Payload } = JSON.parse(String(details.parameters)) as { Payload?: JsonObject };
  const asked = Payload?.approval as JsonObject | undefined;
  if (typeof asked !== 'object' || asked === null || typeof Payload?.token !== 'string')
    return null;
  const request = {
    workflow: String(asked.workflow),
    run: String(asked.run),
    step: String(asked.step),
    question: textOf(asked.question ?? ''),
    details: asked.details ?? null,
    timeoutSeconds: Number(asked.timeoutSeconds),
  };
  return { request, token: Payload.token };
}

/** What a run has asked so far, in order; those that could be answered wait. */
export function approvalsIn(events: Iterable<HistoryEvent>): readonly ApprovalTask[] {
  const found: ApprovalTask[] = [];
  /** Which task an event belongs to, by the id of the last event of it. */
  const pending = new Map<number, Omit<ApprovalTask, 'approval'> & { readonly asked: number }>();
  const open = new Map<number, number>();
  const entered = new Set<number>();
  for (const event of events) {
    const { id, previousEventId: before, type, details, timestamp } = event;
    if (type === 'TaskStateEntered') entered.add(id);
    if (closesRun(event) || type === 'ExecutionRedriven') {
      for (const index of open.values()) end(found, index, null);
      open.clear();
    }
    const asked = type === 'TaskScheduled' ? approvalRequest(details) : null;
    if (asked) pending.set(id, { ...asked, stepId: before, asked: timestamp });
    const at = pending.get(before);
    if (at && type === 'TaskStarted') pending.set(id, at);
    if (at && type === 'TaskSubmitted') {
      open.set(id, found.length);
      found.push({ ...at, approval: approvalOf(at.request, at.asked, details) });
    }
    const index = open.get(before);
    if (index === undefined || !/^Task(Succeeded|Failed|TimedOut|StateAborted)$/.test(type))
      continue;
    open.delete(before);
    end(found, index, type === 'TaskSucceeded' ? answerOf(details?.output) : null);
  }
  return found;
}

/** Why an approval takes no answer, and what was answered, as a full sentence. */
export function whyNotWaiting({ step, answer }: Approval): string {
  if (!answer) {
    return `The approval '${step}' no longer waits for an answer: its time was over, or the run has ended.`;
  }
  const by = answer.by === null ? '' : ` by ${answer.by}`;
  return `The approval '${step}' is answered already: it was ${answer.approved ? 'approved' : 'rejected'}${by}.`;
}

function approvalOf(
  { step, question, details, timeoutSeconds }: ApprovalRequest,
  asked: number,
  submitted: HistoryEvent['details'],
): Approval {
  const { Payload } = JSON.parse(submitted?.output ?? '{}') as { Payload?: { id?: unknown } };
  return {
    id: String(Payload?.id ?? ''),
    step,
    question,
    details,
    askedAt: new Date(asked).toISOString(),
    until: new Date(asked + timeoutSeconds * 1000).toISOString(),
    answer: null,
    waits: true,
  };
}

function end(found: ApprovalTask[], index: number, answer: ApprovalAnswer | null): void {
  const task = found[index] as ApprovalTask;
  found[index] = { ...task, approval: { ...task.approval, answer, waits: false } };
}

function answerOf(output: string | undefined): ApprovalAnswer {
  const { approved, comment, by } = JSON.parse(output ?? '{}') as JsonObject;
  return {
    approved: approved === true,
    comment: typeof comment === 'string' ? comment : null,
    by: typeof by === 'string' ? by : null,
  };
}

/** A question that a run computed may be any JSON. */
function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
