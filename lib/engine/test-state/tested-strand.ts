import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../../json.ts';
import type { Clock } from '../clock/clock.ts';
import { contextObject } from '../context-object.ts';
import { Execution } from '../execution.ts';
import { StateFailure } from '../failure.ts';
import { Payload } from '../payload.ts';
import { Scheduler } from '../scheduler.ts';
import type { Services } from '../services.ts';
import type { Failure, Program } from '../states/state.ts';
import { Strand } from '../strand.ts';
import { ActivityQueue } from '../task/activity-queue.ts';
import { resultTooLarge } from '../task/resource.ts';
import { TaskFailure, type TaskPort } from '../task/task-port.ts';
import { TaskTokens } from '../task/task-tokens.ts';
import type { Assignment } from '../variables.ts';
import type { TestStateRequest } from './request.ts';

/** AWS: what a state is called in the context object of a test. */
export const TESTED_NAME = 'StateName';

/** How the state was left. */
export type Left =
  | {
      readonly output: Payload;
      readonly assigned: Assignment | undefined;
      readonly next: string | undefined;
    }
  | { readonly failure: Failure };

/** What a test needs of the world. */
export interface TestPorts {
  readonly tasks: TaskPort;
  readonly clock: Clock;
  /** Default: Math.random. */
  readonly random?: () => number;
}

/** A strand that is in one state only: it tells how that state was left, and records nothing. */
export class TestedStrand extends Strand {
  readonly #request: TestStateRequest;
  readonly #left = Promise.withResolvers<Left>();

  constructor(program: Program, request: TestStateRequest, ports: TestPorts) {
    const input = Payload.ofValue(request.input ?? {});
    const execution = testedExecution(program, request, input, ports);
    const { variables = {} } = request;
    super(execution, program, { host: execution, input, variables, previous: 0 });
    this.#request = request;
    this.enteredTime = ports.clock.now();
    this.taskToken = taskTokenOf(request);
  }

  get left(): Promise<Left> {
    return this.#left.promise;
  }

  override get retryCount(): number {
    return this.#request.stateConfiguration?.retrierRetryCount ?? 0;
  }

  /** The context object of the request, or one that tells an Express execution. */
  override get context(): Json {
    const { context, roleArn } = this.#request;
    if (context) return context;
    const execution = { ...this.execution.context, RoleArn: roleArn ?? null };
    return { ...contextObject(this), Execution: execution };
  }

  override record(): number {
    return 0;
  }

  override exit(output: Payload, assigned: Assignment | undefined, next: string | undefined): void {
    if (!output.fits) throw resultTooLarge(this.state.name);
    this.#left.resolve({ output, assigned, next });
  }

  override fail(failure: Failure): void {
    this.endFailed(failure);
  }

  override endFailed(failure: Failure): void {
    this.#left.resolve({ failure });
  }

  override crash(error: unknown): void {
    const failure = failureOf(error);
    if (failure) this.#left.resolve({ failure });
    else this.#left.reject(error);
  }
}

/** A state's failure, without the lead that names the state and an event; undefined for a bug of ours. */
export function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof StateFailure || error instanceof TaskFailure)) return undefined;
  return { error: error.error, cause: error.cause };
}

function taskTokenOf({ context }: TestStateRequest): string | undefined {
  const token = (context?.Task as JsonObject | undefined)?.Token;
  return typeof token === 'string' ? token : undefined;
}

function testedExecution(
  program: Program,
  { roleArn }: TestStateRequest,
  input: Payload,
  { tasks, clock, random = Math.random }: TestPorts,
): Execution {
  const place = 'us-east-1:123456789012';
  const [machine, name] = [randomUUID(), randomUUID()];
  const services: Services = {
    clock,
    scheduler: new Scheduler(clock),
    tasks,
    tokens: new TaskTokens(randomUUID()),
    activities: new ActivityQueue(),
    store: undefined,
    now: () => clock.now(),
    random,
    uuid: randomUUID,
    onEvent: undefined,
    pastOf: undefined,
  };
  const identity = {
    ...{ name, roleArn },
    executionArn: `arn:aws:states:${place}:express:${machine}:${name}`,
    stateMachineArn: `arn:aws:states:${place}:stateMachine:${machine}`,
    stateMachineName: machine,
    startTime: clock.now(),
    redriveCount: 0,
  };
  const definition = {
    type: 'EXPRESS',
    program,
    timeoutSeconds: undefined,
    definition: '',
  } as const;
  return new Execution(definition, identity, input, services);
}
