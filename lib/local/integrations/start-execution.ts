import { randomUUID } from 'node:crypto';
import { TaskFailure } from '../../engine/task/task-port.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Integration, ServiceCall } from './integration.ts';

/** An execution that was started. Times are in milliseconds since the epoch. */
export interface StartedExecution {
  readonly arn: string;
  readonly startDate: number;
  /** How it ended: what DescribeExecution tells of it, by AWS's PascalCase names. */
  ended(): Promise<JsonObject>;
  stop(): void;
}

/** Starts executions for `states:startExecution`. */
export interface ExecutionStarter {
  /** @throws an error with AWS's name ('StateMachineDoesNotExist') and message. */
  start(request: {
    readonly arn: string;
    readonly name: string | undefined;
    /** JSON text. */
    readonly input: string;
  }): StartedExecution | Promise<StartedExecution>;
}

/**
 * `states:startExecution`, `.sync` (the result tells the output as JSON text), `.sync:2` (as JSON) and
 * `.waitForTaskToken`. A task that is given up stops the execution that it waits for.
 */
export function startExecution(executions: ExecutionStarter): Integration {
  return {
    refuse: ({ api }) =>
      api === 'startExecution' ? undefined : 'Of states the API startExecution is served.',
    async run(call) {
      const started = await begin(executions, call);
      const answer = startedJson(started);
      const { pattern } = call.resource;
      if (pattern === 'request' || pattern === 'waitForTaskToken') return answer;
      call.submitted(answer);
      const description = await endOf(started, call.signal);
      const shown = pattern === 'sync:2' ? withJson(description) : description;
      if (description.Status === 'SUCCEEDED') return JSON.stringify(shown);
      throw new TaskFailure('States.TaskFailed', JSON.stringify(description));
    },
  };
}

async function begin(
  executions: ExecutionStarter,
  { input }: ServiceCall,
): Promise<StartedExecution> {
  const { StateMachineArn, Name, Input } = JSON.parse(input) as JsonObject;
  try {
    return await executions.start({
      arn: typeof StateMachineArn === 'string' ? StateMachineArn : '',
      name: typeof Name === 'string' ? Name : undefined,
      input: inputText(Input),
    });
  } catch (error) {
    const { name, message } = error as Error;
    throw new TaskFailure(
      `StepFunctions.${name.endsWith('Exception') ? name : `${name}Exception`}`,
      `${message} (Service: AWSStepFunctions; Status Code: 400; Error Code: ${name}; Request ID: ${randomUUID()}; Proxy: null)`,
    );
  }
}

/** A string is sent as it is; other JSON as its text; nothing as '{}'. */
function inputText(value: Json | undefined): string {
  if (value === undefined || value === null) return '{}';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function startedJson({ arn, startDate }: StartedExecution): string {
  const requestId = randomUUID();
  const headers = {
    'Content-Type': 'application/x-amz-json-1.0',
    'x-amzn-RequestId': requestId,
  };
  return JSON.stringify({
    ExecutionArn: arn,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, [value]]),
      ),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StartDate: startDate,
  });
}

async function endOf(started: StartedExecution, signal: AbortSignal): Promise<JsonObject> {
  const stop = (): void => started.stop();
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await started.ended();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function withJson(description: JsonObject): JsonObject {
  const parsed = Object.entries(description).map(([name, value]) => [
    name,
    (name === 'Input' || name === 'Output') && typeof value === 'string'
      ? (JSON.parse(value) as Json)
      : value,
  ]);
  return Object.fromEntries(parsed) as JsonObject;
}
