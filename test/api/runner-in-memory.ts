import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import { ApprovalNotFound, RunConflict, RunNotFound, WorkflowNotFound } from '../../lib/errors.ts';
import type { Json, JsonSchema } from '../../lib/json.ts';
import {
  type Approval,
  type ApprovalAnswer,
  approvalsIn,
  whyNotWaiting,
} from '../../lib/run/approval.ts';
import { closesRun, foldRun } from '../../lib/run/fold.ts';
import { checkRunId, newRunId } from '../../lib/run/id.ts';
import { checkInput } from '../../lib/run/input.ts';
import type { Run, RunEvent } from '../../lib/run/run.ts';
import type { Runner, RunSummary, StartOptions } from '../../lib/run/runner.ts';
import { sameJson } from '../../lib/run/same.ts';

const inputSchema: JsonSchema = {
  type: 'object',
  properties: { question: { type: 'string' }, times: { type: 'integer', default: 1 } },
  required: ['question'],
};

/** A Runner whose runs do nothing until a test says so: for what the API makes of a Runner. */
export class RunnerInMemory implements Runner {
  readonly #runs = new Map<string, HistoryEvent[]>();
  #wake = Promise.withResolvers<void>();
  /** Every run that was started. */
  started = 0;

  async workflows() {
    return [{ name: 'panel', description: 'Asks three.', inputSchema }];
  }

  async start(workflow: string, input: Json, options: StartOptions = {}): Promise<Run> {
    const checked = checkInput(this.#schemaOf(workflow), input);
    const id = checkRunId(options.id ?? newRunId());
    const existing = this.#runs.has(id) && (await this.get(workflow, id));
    if (existing) {
      if (existing.status === 'RUNNING' && sameJson(existing.input, checked)) return existing;
      throw new RunConflict(`A run "${id}" exists already.`);
    }
    this.started += 1;
    this.#runs.set(id, []);
    this.tell(id, 'ExecutionStarted', { input: JSON.stringify(checked) });
    return this.get(workflow, id);
  }

  async approvals(_workflow: string, id: string): Promise<readonly Approval[]> {
    return approvalsIn(this.#eventsOf(id)).map(({ approval }) => approval);
  }

  async answer(workflow: string, id: string, approval: string, answer: ApprovalAnswer) {
    const found = (await this.approvals(workflow, id)).find((each) => each.id === approval);
    if (!found) throw new ApprovalNotFound('Nothing was asked by that id.');
    if (!found.waits) throw new RunConflict(whyNotWaiting(found));
    const last = this.#eventsOf(id).length;
    this.tell(id, 'TaskSucceeded', { output: JSON.stringify({ ...answer, how: 'answered' }) });
    return { ...found, answer, waits: this.#eventsOf(id).length === last };
  }

  /** Adds an event to a run. */
  tell(id: string, type: string, details: HistoryEvent['details'] = {}): void {
    const events = this.#eventsOf(id);
    events.push({
      id: events.length + 1,
      previousEventId: events.length,
      timestamp: Date.UTC(2026, 0, 1, 0, 0, events.length),
      type,
      details,
    });
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async get(workflow: string, id: string): Promise<Run> {
    this.#schemaOf(workflow);
    return foldRun({ id, workflow }, this.#eventsOf(id));
  }

  async list(workflow: string, { limit = 100 } = {}): Promise<readonly RunSummary[]> {
    this.#schemaOf(workflow);
    const runs = await Promise.all([...this.#runs.keys()].map((id) => this.get(workflow, id)));
    return runs
      .reverse()
      .slice(0, limit)
      .map((run) => ({
        id: run.id,
        workflow,
        status: run.status,
        startedAt: run.startedAt,
        stoppedAt: run.status === 'RUNNING' ? null : run.stoppedAt,
      }));
  }

  async stop(workflow: string, id: string, reason?: string): Promise<Run> {
    const run = await this.get(workflow, id);
    if (run.status === 'RUNNING') this.tell(id, 'ExecutionAborted', { cause: reason });
    return this.get(workflow, id);
  }

  async redrive(workflow: string, id: string): Promise<Run> {
    const { status } = await this.get(workflow, id);
    if (status === 'RUNNING' || status === 'SUCCEEDED') {
      throw new RunConflict(`The run "${id}" cannot be redriven.`);
    }
    this.tell(id, 'ExecutionRedriven', { redriveCount: 1 });
    return this.get(workflow, id);
  }

  async *events(
    workflow: string,
    id: string,
    { after = 0, signal }: { after?: number; signal?: AbortSignal } = {},
  ): AsyncIterable<RunEvent> {
    this.#schemaOf(workflow);
    const events = this.#eventsOf(id);
    const aborted = new Promise<void>((resolve) =>
      signal?.addEventListener('abort', () => resolve()),
    );
    for (let next = after; !signal?.aborted; ) {
      const event = events[next];
      if (event) {
        next += 1;
        yield { ...event, run: id };
      } else if (events.some(closesRun)) return;
      else await Promise.race([this.#wake.promise, aborted]);
    }
  }

  async close(): Promise<void> {}

  #schemaOf(workflow: string): JsonSchema {
    if (workflow === 'panel') return inputSchema;
    throw new WorkflowNotFound(`There is no workflow "${workflow}".`);
  }

  #eventsOf(id: string): HistoryEvent[] {
    const events = this.#runs.get(id);
    if (!events) throw new RunNotFound(`There is no run "${id}".`);
    return events;
  }
}
