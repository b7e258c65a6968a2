import type { Json, JsonObject } from '../../json.ts';
import { compileNumber, compileTemplate, type Field } from '../field.ts';
import type { PastVisit } from '../history/past.ts';
import type { Payload } from '../payload.ts';
import type { Strand } from '../strand.ts';
import { Attempt, type AttemptedTask, type AttemptTerms } from '../task/attempt.ts';
import { parseResource, type Resource } from '../task/resource.ts';
import { type TaskEvents, taskEvents } from '../task/task-events.ts';
import { TaskFailure } from '../task/task-port.ts';
import { HandledState } from './handled-state.ts';
import type { CompileContext, StateDefinition } from './state.ts';

/** Calls a function, a service or an activity's worker. */
export class TaskState extends HandledState implements AttemptedTask {
  readonly resource: Resource;
  readonly events: TaskEvents;
  readonly #timeout: Field<number> | undefined;
  readonly #heartbeat: Field<number> | undefined;
  readonly #credentials: Field<Json> | undefined;
  readonly #usesToken: boolean;

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    super(name, definition, context);
    const arn = definition.Resource as string;
    this.resource = parseResource(arn) ?? { kind: 'lambda', arn };
    this.events = taskEvents(this.resource);
    this.#timeout = compileNumber(definition, 'TimeoutSeconds', context.language);
    this.#heartbeat = compileNumber(definition, 'HeartbeatSeconds', context.language);
    const { Credentials } = definition;
    if (Credentials !== undefined)
      this.#credentials = compileTemplate(Credentials, context.language, 'Credentials');
    this.#usesToken =
      this.resource.kind === 'service' && this.resource.pattern === 'waitForTaskToken';
    context.use(arn, name);
  }

  execute(strand: Strand): void {
    if (this.#usesToken) strand.taskToken = makeToken(strand);
    const input = this.flow.input(strand);
    const work = this.flow.work(strand, input);
    if (work instanceof Promise) strand.when(work, (work) => this.#arrange(strand, input, work));
    else this.#arrange(strand, input, work);
  }

  /** The terms of the attempt are read next; most tasks have none, or literal ones. */
  #arrange(strand: Strand, input: Payload, work: Payload): void {
    if (!work.fits) throw inputTooLarge(this.name);
    if (!this.#timeout && !this.#heartbeat && !this.#credentials) {
      this.#begin(strand, new Attempt(strand, this, input, work.text));
      return;
    }
    const timeout = this.#timeout?.(strand, input.value);
    const heartbeat = this.#heartbeat?.(strand, input.value);
    const credentials = this.#credentials?.(strand, input.value);
    const begin = (terms: AttemptTerms): void => {
      checkLimit('TimeoutSeconds', terms.timeout);
      checkLimit('HeartbeatSeconds', terms.heartbeat);
      this.#begin(strand, new Attempt(strand, this, input, work.text, terms));
    };
    if ([timeout, heartbeat, credentials].some((term) => term instanceof Promise)) {
      strand.when(Promise.all([timeout, heartbeat, credentials]), (terms) => {
        begin({ timeout: terms[0], heartbeat: terms[1], roleArn: roleOf(terms[2]) });
      });
      return;
    }
    begin({
      timeout: timeout as number | undefined,
      heartbeat: heartbeat as number | undefined,
      roleArn: roleOf(credentials as Json | undefined),
    });
  }

  #begin(strand: Strand, attempt: Attempt): void {
    strand.waiting = attempt;
    attempt.start();
  }

  succeeded(strand: Strand, input: Payload, result: Payload): void {
    strand.waiting = undefined;
    this.complete(strand, input, result);
  }

  protected retry(strand: Strand): void {
    this.execute(strand);
  }

  /** In a branch of a Parallel the history tells that the Task was given up. */
  protected gaveUp(strand: Strand, _failure: unknown, caught: boolean): void {
    if (caught || !strand.host.marksAborted) return;
    strand.execution.record('TaskStateAborted', strand.previous);
  }

  resume(strand: Strand, past: PastVisit): void {
    strand.previous = past.last;
    for (const failure of past.retried) this.countRetry(strand, failure);
    const { result, failure, submitted } = past.attempt;
    if (result !== undefined) {
      this.complete(strand, this.flow.input(strand), result);
      return;
    }
    if (failure) {
      this.failed(strand, failure);
      return;
    }
    // A job that `.sync` waited for is asked for again: the call that would tell its end is gone.
    const waits = this.#usesToken || this.resource.kind === 'activity';
    if (!submitted || !waits) {
      this.execute(strand);
      return;
    }
    this.#rejoin(strand, past);
  }

  /** The service was called and the token is out: waits on, without calling again. */
  #rejoin(strand: Strand, past: PastVisit): void {
    if (this.#usesToken || this.resource.kind === 'activity') strand.taskToken = makeToken(strand);
    const input = this.flow.input(strand);
    const { timeoutInSeconds, heartbeatInSeconds } = past.attempt.scheduled?.details ?? {};
    const limits = {
      timeout: timeoutInSeconds as number | undefined,
      heartbeat: heartbeatInSeconds as number | undefined,
      roleArn: undefined,
    };
    const attempt = new Attempt(strand, this, input, 'null', limits);
    strand.waiting = attempt;
    attempt.rejoin(past.attempt.scheduled?.timestamp ?? strand.enteredTime);
  }
}

/** The role that `Credentials` names. */
function roleOf(credentials: Json | undefined): string | undefined {
  const role = (credentials as JsonObject | undefined)?.RoleArn;
  return typeof role === 'string' ? role : undefined;
}

function makeToken(strand: Strand): string {
  const { execution, enteredId, retryCount } = strand;
  const { executionArn, redriveCount } = execution.identity;
  return execution.services.tokens.make(executionArn, enteredId, retryCount, redriveCount);
}

function inputTooLarge(name: string): TaskFailure {
  return new TaskFailure(
    'States.DataLimitExceeded',
    `The state/task '${name}' was given an input with a size exceeding the maximum number of bytes service limit.`,
  );
}

function checkLimit(name: string, value: Json | undefined): void {
  if (value === undefined) return;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 99_999_999)
    return;
  throw new TaskFailure(
    'States.Runtime',
    `${name} must be a whole number from 1 to 99999999, but it is ${JSON.stringify(value)}.`,
  );
}
