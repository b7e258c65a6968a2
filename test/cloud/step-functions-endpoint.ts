import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createEngine, type Engine } from '../../lib/engine/engine.ts';
import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import { loadMachine, type Machine } from '../../lib/engine/machine.ts';
import { contractMachines } from '../contract/machines.ts';

/** The account and region that the endpoint plays. */
export const place = 'arn:aws:states:eu-central-1:123456789012';

/** What the wire carries of one execution. */
interface Execution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: string;
  readonly startDate: number;
  history: readonly HistoryEvent[];
  stop: (cause: string | undefined) => void;
}

type Body = Readonly<Record<string, string | number | undefined>>;

export interface StepFunctionsEndpoint {
  readonly url: string;
  /** The actions that were asked for, in order. */
  readonly calls: string[];
  /** Makes the next requests for an action fail with that error of AWS. */
  fail(action: string, error: string, times: number): void;
  close(): Promise<void>;
}

/** An error as AWS names it, with the HTTP status that its protocol gives it. */
class AwsError extends Error {
  readonly status: 400 | 500;
  constructor(name: string, status: 400 | 500 = 400) {
    super(`${name}: the message of AWS, which may repeat the input.`);
    this.name = name;
    this.status = status;
  }
}

/**
 * Step Functions' protocol (AWS JSON 1.0) on loopback, for the machines of the contract suite, run by
 * the real engine. What it does by documentation: the errors' names, StartExecution's idempotency by
 * name and input, pages with tokens, newest first in ListExecutions. Pages hold at most `pageSize`.
 */
export async function startStepFunctionsEndpoint(pageSize = 3): Promise<StepFunctionsEndpoint> {
  const service = new Service(pageSize);
  const calls: string[] = [];
  const failures: { action: string; error: string }[] = [];
  const app = new Hono();
  app.post('/', async (c) => {
    const action = (c.req.header('X-Amz-Target') ?? '').replace('AWSStepFunctions.', '');
    calls.push(action);
    c.header('Content-Type', 'application/x-amz-json-1.0');
    try {
      const planned = failures.findIndex((failure) => failure.action === action);
      if (planned >= 0) throw new AwsError(failures.splice(planned, 1)[0]?.error ?? '');
      return c.body(JSON.stringify(service.answer(action, await c.req.json<Body>())));
    } catch (error) {
      const { name, message, status } =
        error instanceof AwsError ? error : new AwsError('Bug', 500);
      return c.body(JSON.stringify({ __type: `com.amazonaws.states#${name}`, message }), status);
    }
  });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const it = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(it));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    fail: (action, error, times) => {
      failures.push(...Array(times).fill({ action, error }));
    },
    close: async () => {
      service.stopAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Service {
  readonly #engine: Engine = createEngine({
    tasks: {
      refuse: () => 'The machines of the contract suite call no functions.',
      run: () => '{}',
    },
  });
  readonly #pageSize: number;
  readonly #executions = new Map<string, Execution>();

  constructor(pageSize: number) {
    this.#pageSize = pageSize;
  }

  answer(action: string, body: Body): object {
    switch (action) {
      case 'StartExecution':
        return this.#start(text(body.stateMachineArn), text(body.name), text(body.input));
      case 'DescribeExecution':
        return describe(this.#find(body));
      case 'StopExecution': {
        const execution = this.#find(body);
        execution.stop(body.cause === undefined ? undefined : String(body.cause));
        return { stopDate: describe(execution).stopDate };
      }
      case 'RedriveExecution':
        return this.#redrive(this.#find(body));
      case 'GetExecutionHistory': {
        const page = this.#page(this.#find(body).history, body);
        return { events: page.items.map(wireEvent), nextToken: page.nextToken };
      }
      case 'ListExecutions': {
        const machine = this.#machine(text(body.stateMachineArn));
        const all = [...this.#executions.values()].reverse();
        const page = this.#page(
          all.filter(({ stateMachineArn }) => stateMachineArn === machine),
          body,
        );
        const executions = page.items.map(describe).map(({ input, output, ...listed }) => listed);
        return { executions, nextToken: page.nextToken };
      }
      default:
        throw new AwsError('UnknownOperationException');
    }
  }

  stopAll(): void {
    for (const { stop } of this.#executions.values()) stop(undefined);
  }

  #start(stateMachineArn: string, name: string, input: string): object {
    this.#machine(stateMachineArn);
    const machineName = stateMachineArn.split(':').at(-1) as string;
    const executionArn = `${place}:execution:${machineName}:${name}`;
    const existing = this.#executions.get(executionArn);
    if (existing) {
      const open = describe(existing).status === 'RUNNING';
      if (!open || existing.input !== input) throw new AwsError('ExecutionAlreadyExists');
      return { executionArn, startDate: existing.startDate };
    }
    const run = this.#engine.start(machineOf(stateMachineArn), {
      input,
      name,
      stateMachineArn,
      executionArn,
    });
    const { history } = run;
    const startDate = (history[0]?.timestamp ?? 0) / 1000;
    const stop = (cause: string | undefined) => run.stop(undefined, cause);
    const execution = { executionArn, stateMachineArn, name, input, startDate, history, stop };
    this.#executions.set(executionArn, execution);
    return { executionArn, startDate };
  }

  #redrive(execution: Execution): object {
    const { executionArn, stateMachineArn, name, history } = execution;
    const { status } = describe(execution);
    if (status === 'RUNNING' || status === 'SUCCEEDED')
      throw new AwsError('ExecutionNotRedrivable');
    const options = { name, stateMachineArn, executionArn };
    const run = this.#engine.redrive(machineOf(stateMachineArn), history, options);
    execution.history = run.history;
    execution.stop = (cause) => run.stop(undefined, cause);
    return { redriveDate: Date.now() / 1000 };
  }

  #machine(arn: string): string {
    const known = contractMachines.some(({ name }) => arn === `${place}:stateMachine:${name}`);
    if (!known) throw new AwsError('StateMachineDoesNotExist');
    return arn;
  }

  #find(body: Body): Execution {
    const execution = this.#executions.get(text(body.executionArn));
    if (!execution) throw new AwsError('ExecutionDoesNotExist');
    return execution;
  }

  #page<T>(items: readonly T[], body: Body): { items: readonly T[]; nextToken?: string } {
    const size = Math.min(this.#pageSize, Number(body.maxResults ?? 100) || 100);
    const from =
      body.nextToken === undefined ? 0 : Number(/^from-(\d+)$/.exec(text(body.nextToken))?.[1]);
    if (Number.isNaN(from)) throw new AwsError('InvalidToken');
    const more = items.length > from + size;
    return {
      items: items.slice(from, from + size),
      ...(more && { nextToken: `from-${from + size}` }),
    };
  }
}

function machineOf(stateMachineArn: string): Machine {
  const name = stateMachineArn.split(':').at(-1);
  return loadMachine(contractMachines.find((each) => each.name === name)?.definition ?? '');
}

const statuses: Readonly<Record<string, string>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

function describe(execution: Execution) {
  const { executionArn, stateMachineArn, name, input, startDate, history } = execution;
  const last = history.at(-1);
  const status = statuses[last?.type ?? ''] ?? 'RUNNING';
  const closed = status !== 'RUNNING' && {
    stopDate: (last?.timestamp ?? 0) / 1000,
    output: last?.details?.output,
    error: last?.details?.error,
    cause: last?.details?.cause,
  };
  return { executionArn, stateMachineArn, name, input, startDate, status, ...closed };
}

/** AWS keeps the details of all states' entries under one key, and so those of all exits. */
function wireEvent({ details, timestamp, type, ...event }: HistoryEvent): object {
  const state = /State(Entered|Exited)$/.exec(type)?.[0];
  const name = state ?? type;
  const key = `${name[0]?.toLowerCase()}${name.slice(1)}EventDetails`;
  const texts = details && ('input' in details || 'output' in details);
  const told = details && { ...details, ...(texts && { inputDetails: { truncated: false } }) };
  return { ...event, type, timestamp: timestamp / 1000, ...(told && { [key]: told }) };
}

function text(value: string | number | undefined): string {
  return String(value ?? '');
}
