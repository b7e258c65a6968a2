import { type DescribeExecutionOutput, SFNClient } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../engine/history/event.ts';
import { ApprovalNotFound, RunConflict } from '../errors.ts';
import type { Json } from '../json.ts';
import { type Approval, type ApprovalAnswer, approvalsIn, whyNotWaiting } from '../run/approval.ts';
import { foldRun } from '../run/fold.ts';
import { startId } from '../run/id.ts';
import { checkInput } from '../run/input.ts';
import type { Manifest } from '../run/manifest.ts';
import { mentionsPayload } from '../run/mention.ts';
import { redacted } from '../run/redacted.ts';
import type { Run, RunEvent } from '../run/run.ts';
import type {
  FollowOptions,
  GetOptions,
  Runner,
  RunSummary,
  StartOptions,
  WatchOptions,
  WorkflowInfo,
} from '../run/runner.ts';
import { sameJson } from '../run/same.ts';
import type { TokenEvent } from '../run/token-event.ts';
import { isWatched } from '../run-name.ts';
import { Executions, settlingTime } from './executions.ts';
import { failureOf } from './failure.ts';
import { followed } from './follow.ts';
import { type Machine, machineNamed, machinesOf } from './machine.ts';
import { createPauses, type PollOptions } from './poll.ts';
import { createTokenReader, type TokenReader } from './token-reader.ts';
import { TokenTables } from './token-table.ts';

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

/**
 * A Runner on AWS Step Functions, for Standard workflows.
 *
 * A run is an execution, its id the execution's name. Everything is read from AWS, nothing is kept
 * here, so any number of processes may look at the same runs. Throttles and faults of the network
 * are retried by the SDK. `list` gives 100 runs where no limit is asked for.
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
  readonly #executions: Executions;
  readonly #poll: PollOptions;
  readonly #closing = new AbortController();
  readonly #ownClient: SFNClient | undefined;
  readonly #tokens: TokenTables;
  readonly #client: SFNClient;

  constructor(options: CloudRunnerOptions) {
    const { manifest, client, region, endpoint, poll = {} } = options;
    this.#manifest = manifest;
    this.#machines = machinesOf(manifest);
    this.#poll = poll;
    if (!client) {
      const [first] = this.#machines.values();
      this.#ownClient = new SFNClient({
        region: region ?? first?.region,
        endpoint,
        maxAttempts: 5,
      });
    }
    const used = client ?? (this.#ownClient as SFNClient);
    this.#client = used;
    this.#executions = new Executions(used, this.#closing.signal);
    // The same credentials and region; DynamoDB's own endpoint, if any, comes from the environment.
    this.#tokens = new TokenTables(() => ({
      region: used.config.region,
      credentials: used.config.credentials,
    }));
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
    const id = startId(options);
    if (options.reuse !== undefined) await this.#executions.describe(machine, options.reuse);
    const checked = checkInput(machine.workflow.inputSchema, input);
    const begun = await this.#executions.start(machine, id, JSON.stringify(checked));
    if (!begun) return this.#existing(machine, id, checked);
    return foldRun({ id, workflow, startedAt: begun.toISOString(), input: checked }, []);
  }

  async get(workflow: string, id: string, { references }: GetOptions = {}): Promise<Run> {
    const run = await this.#get(this.#machine(workflow), id);
    return references ? run : this.#whole(run);
  }

  /** The run with its output whole, as far as it is there. */
  async #whole(run: Run): Promise<Run> {
    const bucket = this.#machine(run.workflow).workflow.payloadBucket;
    if (bucket === undefined || !mentionsPayload(run)) return run;
    const [{ wholeRun }, { s3Store }] = await Promise.all([
      import('../run/whole.ts'),
      import('../payload/s3-store.ts'),
    ]);
    const { config } = this.#client;
    const region = await config.region();
    const credentials = () => config.credentials();
    const endpoint = process.env.AWS_ENDPOINT_URL_S3;
    return wholeRun(run, async () => s3Store(bucket, { region, endpoint, credentials }));
  }

  async list(
    workflow: string,
    { limit = 100 }: { readonly limit?: number } = {},
  ): Promise<readonly RunSummary[]> {
    const listed = await this.#executions.list(this.#machine(workflow), limit);
    return listed.map(({ name = '', status, startDate, stopDate }) => ({
      id: name,
      workflow,
      status: statusOf(status),
      startedAt: startDate?.toISOString() ?? '',
      stoppedAt: stopDate?.toISOString() ?? null,
    }));
  }

  async stop(workflow: string, id: string, reason?: string): Promise<Run> {
    const machine = this.#machine(workflow);
    await this.#executions.stop(machine, id, reason);
    return this.#whole(await this.#settled(machine, id, ({ status }) => status !== 'RUNNING'));
  }

  async redrive(workflow: string, id: string): Promise<Run> {
    const machine = this.#machine(workflow);
    const before = await this.#get(machine, id);
    await this.#executions.redrive(machine, id);
    const isSeen = (run: Run) => run.status === 'RUNNING' || !sameEnd(run, before);
    return this.#whole(await this.#settled(machine, id, isSeen));
  }

  /** AWS answers before every reader sees what it has done. */
  async #settled(machine: Machine, id: string, isSeen: (run: Run) => boolean): Promise<Run> {
    const pauses = createPauses(this.#poll);
    const giveUp = performance.now() + settlingTime;
    let run = await this.#get(machine, id);
    while (!isSeen(run) && performance.now() < giveUp) {
      await pauses.wait();
      run = await this.#get(machine, id);
    }
    return run;
  }

  events(workflow: string, id: string, options: WatchOptions): AsyncIterable<RunEvent | TokenEvent>;
  events(workflow: string, id: string, options?: FollowOptions): AsyncIterable<RunEvent>;
  async *events(
    workflow: string,
    id: string,
    options: FollowOptions & Partial<WatchOptions> = {},
  ): AsyncIterable<RunEvent | TokenEvent> {
    const machine = this.#machine(workflow);
    const signals = [this.#closing.signal, ...(options.signal ? [options.signal] : [])];
    const signal = AbortSignal.any(signals);
    const history = this.#executions.history(machine, id, signal);
    const tokens = this.#tokensOf(machine, id, options.afterTokens);
    try {
      for await (const told of followed({ history, tokens, poll: this.#poll, signal })) {
        if (signal.aborted) return;
        if ('position' in told) yield told;
        else if (told.id > (options.after ?? 0)) yield redacted({ ...told, run: id });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async approvals(workflow: string, id: string): Promise<readonly Approval[]> {
    const events = await this.#history(this.#machine(workflow), id);
    return approvalsIn(events).map(({ approval }) => approval);
  }

  async answer(
    workflow: string,
    id: string,
    approval: string,
    answer: ApprovalAnswer,
  ): Promise<Approval> {
    const machine = this.#machine(workflow);
    const find = async () => approvalsIn(await this.#history(machine, id)).find(isIt);
    const isIt = (task: { approval: Approval }) => task.approval.id === approval;
    const task = await find();
    if (!task) {
      throw new ApprovalNotFound(
        `Run "${id}" of workflow "${workflow}" has asked nothing by that id. List its approvals.`,
      );
    }
    if (!task.approval.waits) throw new RunConflict(whyNotWaiting(task.approval));
    const output = JSON.stringify({ ...answer, how: 'answered' });
    if (await this.#executions.succeed(machine, task.token, output)) {
      return { ...task.approval, answer, waits: false };
    }
    throw new RunConflict(whyNotWaiting((await find())?.approval ?? task.approval));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#ownClient?.destroy();
    await this.#tokens.close();
  }

  /** null: none are wanted, or there are none. */
  #tokensOf(machine: Machine, id: string, after: number | undefined): TokenReader | null {
    const { name, tokenTable } = machine.workflow;
    if (after === undefined || tokenTable === undefined || !isWatched(id)) return null;
    const rows = this.#tokens.rows(tokenTable, name, id);
    return createTokenReader(async (known) => {
      try {
        return await rows(known);
      } catch (error) {
        throw failureOf(error, { action: 'Query', machine, run: id });
      }
    }, after);
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
      this.#executions.describe(machine, id),
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
    const reader = this.#executions.history(machine, id);
    const all: HistoryEvent[] = [];
    for (;;) {
      const { events, more } = await reader.read();
      all.push(...events);
      if (!more) return all;
    }
  }
}

/** DescribeExecution may know the end of a run before its history does. */
function settle(run: Run, described: DescribeExecutionOutput): Run {
  const status = statusOf(described.status);
  if (run.status !== 'RUNNING' || status === 'RUNNING') return run;
  const stoppedAt = (described.stopDate ?? new Date()).toISOString();
  if (status === 'SUCCEEDED') {
    return { ...run, status, stoppedAt, output: jsonOf(described.output) };
  }
  const { error = null, cause = null } = described;
  return { ...run, status, stoppedAt, error, cause };
}

/** Whether two looks at a run have seen the same end of it: a redriven one may end again at once. */
function sameEnd(a: Run, b: Run): boolean {
  return a.status !== 'RUNNING' && b.status !== 'RUNNING' && a.stoppedAt === b.stoppedAt;
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
