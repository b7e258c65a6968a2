import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../engine/history/event.ts';
import { RunConflict, RunNotFound } from '../errors.ts';
import type { Json } from '../json.ts';
import { closesRun, foldRun } from '../run/fold.ts';
import { checkRunId, newRunId } from '../run/id.ts';
import { checkInput } from '../run/input.ts';
import type { Manifest } from '../run/manifest.ts';
import type { Run, RunEvent } from '../run/run.ts';
import type { Runner, RunSummary, StartOptions, WorkflowInfo } from '../run/runner.ts';
import { sameJson } from '../run/same.ts';
import { failureOf, nameOf, type Request } from './failure.ts';
import { createHistoryReader, type HistoryReader } from './history.ts';
import { type Machine, machineNamed, machinesOf } from './machine.ts';
import { createPace } from './pace.ts';
import { createPauses, type PollOptions } from './poll.ts';

export interface CloudRunnerOptions {
  /** Which workflows there are and which state machines run them. */
  readonly manifest: Manifest;
  /** Default: one of its own, with the SDK's chain of credentials; `close` destroys only that. */
  readonly client?: SFNClient;
  /** Default: the region in the state machines' ARNs. */
  readonly region?: string;
  /** Default: AWS. */
  readonly endpoint?: string;
  readonly poll?: PollOptions;
}

/** What a run that was just started may take to be seen by every reader, in milliseconds. */
const settlingTime = 5000;
/** The most that AWS takes as a cause, in characters. */
const maxCause = 32_768;

/**
 * A Runner on AWS Step Functions, for Standard workflows.
 *
 * A run is an execution, its id the execution's name. Everything is read from AWS, nothing is kept
 * here, so any number of processes may look at the same runs. Throttles and faults of the network
 * are retried by the SDK. To stay below what AWS refills for an account and region (DescribeExecution
 * 15 a second, GetExecutionHistory 20; AWS docs: Step Functions quotas), requests beyond a burst wait.
 *
 * Beyond what the port documents, every method throws CloudError: no credentials, access denied,
 * throttled, unreachable. No error repeats an input or an output.
 *
 * @throws UsageError when the manifest holds an ARN that is not one of a state machine.
 */
export function createCloudRunner(options: CloudRunnerOptions): Runner {
  return new CloudRunner(options);
}

class CloudRunner implements Runner {
  readonly #manifest: Manifest;
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #client: SFNClient;
  readonly #ownsClient: boolean;
  readonly #poll: PollOptions;
  readonly #closing = new AbortController();
  readonly #describePace = createPace(15, 50);
  readonly #historyPace = createPace(20, 50);
  /** Runs that were started here a moment ago: when, in milliseconds. */
  readonly #fresh = new Map<string, number>();

  constructor({ manifest, client, region, endpoint, poll = {} }: CloudRunnerOptions) {
    this.#manifest = manifest;
    this.#machines = machinesOf(manifest);
    this.#poll = poll;
    this.#ownsClient = client === undefined;
    const [first] = this.#machines.values();
    this.#client =
      client ?? new SFNClient({ region: region ?? first?.region, endpoint, maxAttempts: 5 });
  }

  async workflows(): Promise<readonly WorkflowInfo[]> {
    return [...this.#machines.values()].map(({ workflow }) => ({
      name: workflow.name,
      description: workflow.description,
      inputSchema: workflow.inputSchema,
    }));
  }

  async start(workflow: string, input: Json, options: StartOptions = {}): Promise<Run> {
    const machine = this.#machine(workflow);
    const id = options.id === undefined ? newRunId() : checkRunId(options.id);
    const checked = checkInput(machine.workflow.inputSchema, input);
    const command = new StartExecutionCommand({
      stateMachineArn: machine.arn,
      name: id,
      input: JSON.stringify(checked),
    });
    try {
      const { startDate } = await this.#client.send(command);
      this.#remember(machine.executionPrefix + id);
      const startedAt = (startDate ?? new Date()).toISOString();
      return foldRun({ id, workflow, startedAt, input: checked }, []);
    } catch (error) {
      if (nameOf(error) === 'ExecutionAlreadyExists') return this.#existing(machine, id, checked);
      throw failureOf(error, { action: 'StartExecution', machine });
    }
  }

  async get(workflow: string, id: string): Promise<Run> {
    return this.#get(this.#machine(workflow), id);
  }

  async list(
    workflow: string,
    { limit = 100 }: { readonly limit?: number } = {},
  ): Promise<readonly RunSummary[]> {
    const machine = this.#machine(workflow);
    const runs: RunSummary[] = [];
    let nextToken: string | undefined;
    while (runs.length < limit) {
      const command = new ListExecutionsCommand({
        stateMachineArn: machine.arn,
        maxResults: Math.min(1000, limit - runs.length),
        nextToken,
      });
      const page = await this.#send({ action: 'ListExecutions', machine }, () =>
        this.#client.send(command),
      );
      for (const { name = '', status, startDate, stopDate } of page.executions ?? []) {
        runs.push({
          id: name,
          workflow,
          status: statusOf(status),
          startedAt: startDate?.toISOString() ?? '',
          stoppedAt: stopDate?.toISOString() ?? null,
        });
      }
      nextToken = page.nextToken;
      if (nextToken === undefined) break;
    }
    return runs;
  }

  async stop(workflow: string, id: string, reason?: string): Promise<Run> {
    const machine = this.#machine(workflow);
    const command = new StopExecutionCommand({
      executionArn: executionArn(machine, id),
      cause: reason?.slice(0, maxCause),
    });
    await this.#send({ action: 'StopExecution', machine, run: id }, () =>
      this.#client.send(command),
    );
    // AWS answers before every reader sees the stop.
    const pauses = createPauses(this.#poll);
    const giveUp = performance.now() + settlingTime;
    let run = await this.#get(machine, id);
    while (run.status === 'RUNNING' && performance.now() < giveUp) {
      await pauses.wait();
      run = await this.#get(machine, id);
    }
    return run;
  }

  async *events(
    workflow: string,
    id: string,
    options: { readonly after?: number; readonly signal?: AbortSignal } = {},
  ): AsyncIterable<RunEvent> {
    const machine = this.#machine(workflow);
    const signal = AbortSignal.any([
      this.#closing.signal,
      ...(options.signal ? [options.signal] : []),
    ]);
    const pauses = createPauses(this.#poll);
    const reader = this.#reader(machine, id, signal);
    let last: HistoryEvent | undefined;
    try {
      while (!signal.aborted) {
        const { events, more } = await reader.read();
        last = events.at(-1) ?? last;
        for (const event of events) {
          if (signal.aborted) return;
          if (event.id > (options.after ?? 0)) yield { ...event, run: id };
        }
        if (more) continue;
        if (last && closesRun(last)) return;
        if (events.length > 0) pauses.reset();
        await pauses.wait(signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#ownsClient) this.#client.destroy();
  }

  #machine(workflow: string): Machine {
    return machineNamed(this.#manifest, this.#machines, workflow);
  }

  /** A run of that id exists, and AWS has told that it is closed or has another input. */
  async #existing(machine: Machine, id: string, input: Json): Promise<Run> {
    const run = await this.#get(machine, id);
    // AWS compares texts: here the same fields in another order are the same input.
    const same = sameJson(run.input, input);
    if (same && run.status === 'RUNNING') return run;
    const why = same ? `and is closed (${run.status})` : 'with another input';
    throw new RunConflict(
      `A run "${id}" of workflow "${machine.workflow.name}" exists already ${why}. ` +
        'Choose another id, or leave it out to get a new one.',
    );
  }

  async #get(machine: Machine, id: string): Promise<Run> {
    const [described, events] = await Promise.all([
      this.#describe(machine, id),
      this.#history(machine, id),
    ]);
    const subject = {
      id,
      workflow: machine.workflow.name,
      startedAt: (described.startDate ?? new Date(0)).toISOString(),
      input: jsonOf(described.input),
    };
    return settle(foldRun(subject, events), described);
  }

  async #history(machine: Machine, id: string): Promise<readonly HistoryEvent[]> {
    const reader = this.#reader(machine, id);
    const all: HistoryEvent[] = [];
    for (;;) {
      const { events, more } = await reader.read();
      all.push(...events);
      if (!more) return all;
    }
  }

  #reader(machine: Machine, id: string, signal?: AbortSignal): HistoryReader {
    const arn = executionArn(machine, id);
    const request = { action: 'GetExecutionHistory', machine, run: id };
    return createHistoryReader((nextToken) =>
      this.#send(request, async () => {
        await this.#historyPace(signal);
        const command = new GetExecutionHistoryCommand({
          executionArn: arn,
          includeExecutionData: true,
          maxResults: 1000,
          nextToken,
        });
        return this.#client.send(command, { abortSignal: signal });
      }),
    );
  }

  #describe(machine: Machine, id: string): Promise<DescribeExecutionOutput> {
    const command = new DescribeExecutionCommand({ executionArn: executionArn(machine, id) });
    return this.#send({ action: 'DescribeExecution', machine, run: id }, async () => {
      await this.#describePace();
      return this.#client.send(command);
    });
  }

  /** Step Functions is eventually consistent: a run that was just started may not be seen yet. */
  async #send<T>(request: Request, send: () => Promise<T>): Promise<T> {
    const pauses = createPauses({ min: 50, max: 1000 });
    for (;;) {
      try {
        return await send();
      } catch (error) {
        const unseen = nameOf(error) === 'ExecutionDoesNotExist' && this.#isFresh(request);
        if (!unseen) throw nameOf(error) === 'InvalidToken' ? error : failureOf(error, request);
        await pauses.wait(this.#closing.signal);
      }
    }
  }

  #remember(arn: string): void {
    const now = performance.now();
    for (const [old, at] of this.#fresh) if (now - at > settlingTime) this.#fresh.delete(old);
    this.#fresh.set(arn, now);
  }

  #isFresh({ machine, run }: Request): boolean {
    const at = this.#fresh.get(machine.executionPrefix + run);
    return at !== undefined && performance.now() - at < settlingTime;
  }
}

/** @throws RunNotFound for an id that would change the ARN into another one. */
function executionArn(machine: Machine, id: string): string {
  if (/^[^\s:/]{1,80}$/.test(id)) return machine.executionPrefix + id;
  throw new RunNotFound(`There is no such run of workflow "${machine.workflow.name}" in AWS.`);
}

/** DescribeExecution may know the end of a run before its history does. */
function settle(run: Run, described: DescribeExecutionOutput): Run {
  const status = statusOf(described.status);
  if (run.status !== 'RUNNING' || status === 'RUNNING') return run;
  const stoppedAt = (described.stopDate ?? new Date()).toISOString();
  if (status === 'SUCCEEDED')
    return { ...run, status, stoppedAt, output: jsonOf(described.output) };
  const { error = null, cause = null } = described;
  return { ...run, status, stoppedAt, error, cause };
}

/** An execution that waits to be redriven counts as running: it will go on by itself. */
function statusOf(status: string | undefined): Run['status'] {
  return status === undefined || status === 'PENDING_REDRIVE'
    ? 'RUNNING'
    : (status as Run['status']);
}

function jsonOf(text: string | undefined): Json {
  return text === undefined ? null : (JSON.parse(text) as Json);
}
