import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { RunNotFound } from '../errors.ts';
import { failureOf, nameOf, type Request } from './failure.ts';
import { createHistoryReader, type HistoryReader } from './history.ts';
import type { Machine } from './machine.ts';
import { createPace } from './pace.ts';
import { createPauses } from './poll.ts';

/** What a run that was just started may take to be seen by every reader, in milliseconds. */
export const settlingTime = 5000;
/** The most that AWS takes as a cause, in characters. */
const maxCause = 32_768;

/**
 * The seven actions of Step Functions that a Runner needs, each with our errors. Requests beyond a
 * burst wait, to stay below what AWS refills for an account and region: DescribeExecution 15 a second,
 * GetExecutionHistory 20 (AWS docs: Step Functions quotas).
 */
export class Executions {
  readonly #client: SFNClient;
  readonly #closing: AbortSignal;
  readonly #describePace = createPace(15, 50);
  readonly #historyPace = createPace(20, 50);
  /** Runs that were started here a moment ago: when, in milliseconds. */
  readonly #fresh = new Map<string, number>();

  constructor(client: SFNClient, closing: AbortSignal) {
    this.#client = client;
    this.#closing = closing;
  }

  /** When the run began; undefined when AWS has one of that name that is closed or differs. */
  async start(machine: Machine, name: string, input: string): Promise<Date | undefined> {
    const command = new StartExecutionCommand({ stateMachineArn: machine.arn, name, input });
    try {
      const { startDate } = await this.#client.send(command);
      this.#remember(machine.executionPrefix + name);
      return startDate ?? new Date();
    } catch (error) {
      if (nameOf(error) === 'ExecutionAlreadyExists') return undefined;
      throw failureOf(error, { action: 'StartExecution', machine });
    }
  }

  describe(machine: Machine, run: string): Promise<DescribeExecutionOutput> {
    const command = new DescribeExecutionCommand({ executionArn: executionArn(machine, run) });
    return this.#send({ action: 'DescribeExecution', machine, run }, async () => {
      await this.#describePace();
      return this.#client.send(command);
    });
  }

  /** @throws RunNotFound, when it reads. */
  history(machine: Machine, run: string, signal?: AbortSignal): HistoryReader {
    const arn = executionArn(machine, run);
    return createHistoryReader((nextToken) =>
      this.#send({ action: 'GetExecutionHistory', machine, run }, async () => {
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

  async stop(machine: Machine, run: string, reason: string | undefined): Promise<void> {
    const command = new StopExecutionCommand({
      executionArn: executionArn(machine, run),
      cause: reason?.slice(0, maxCause),
    });
    await this.#send({ action: 'StopExecution', machine, run }, () => this.#client.send(command));
  }

  /** Answers a waiting task; false when it no longer waits. */
  async succeed(machine: Machine, taskToken: string, output: string): Promise<boolean> {
    try {
      await this.#client.send(new SendTaskSuccessCommand({ taskToken, output }));
      return true;
    } catch (error) {
      if (['TaskDoesNotExist', 'TaskTimedOut'].includes(nameOf(error))) return false;
      throw failureOf(error, { action: 'SendTaskSuccess', machine });
    }
  }

  /** @throws RunConflict for a run that is open, has succeeded, or has failed over 14 days ago. */
  async redrive(machine: Machine, run: string): Promise<void> {
    const command = new RedriveExecutionCommand({ executionArn: executionArn(machine, run) });
    await this.#send({ action: 'RedriveExecution', machine, run }, () =>
      this.#client.send(command),
    );
  }

  /** Newest first, as AWS lists them. */
  async list(machine: Machine, limit: number): Promise<readonly ExecutionListItem[]> {
    const listed: ExecutionListItem[] = [];
    let nextToken: string | undefined;
    while (listed.length < limit) {
      const command = new ListExecutionsCommand({
        stateMachineArn: machine.arn,
        maxResults: Math.min(1000, limit - listed.length),
        nextToken,
      });
      const page = await this.#send({ action: 'ListExecutions', machine }, () =>
        this.#client.send(command),
      );
      listed.push(...(page.executions ?? []));
      nextToken = page.nextToken;
      if (nextToken === undefined) break;
    }
    return listed;
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
        await pauses.wait(this.#closing);
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
function executionArn(machine: Machine, run: string): string {
  if (/^[^\s:/]{1,80}$/.test(run)) return machine.executionPrefix + run;
  throw new RunNotFound(`There is no such run of workflow "${machine.workflow.name}" in AWS.`);
}
