import { CloudgatherError } from '../errors.ts';
import type { Json } from '../json.ts';
import { awsService, type Environment } from './aws-request.ts';

/**
 * Answers tasks that wait for their token (`.waitForTaskToken`). Each method gives true when the task
 * took the answer, and false when it no longer waits: it was answered before, timed out, or its
 * execution has ended. So an answer that comes twice, as webhooks do, does no harm.
 *
 * Each throws CallbackFailed when Step Functions cannot be reached or refuses; no token is in it.
 */
export interface TaskCallbacks {
  /** The task's result. At most 256 KiB as JSON. */
  succeed(token: string, output: Json): Promise<boolean>;
  /** Fails the task: Retry and Catch match on `error` (256 characters; `cause` 32,768). */
  fail(token: string, error: string, cause?: string): Promise<boolean>;
  /** Starts the state's HeartbeatSeconds anew. */
  heartbeat(token: string): Promise<boolean>;
}

/** Step Functions could not be told how a task ended. */
export class CallbackFailed extends CloudgatherError {
  constructor(operation: string, why: string) {
    super(
      'Callback.Failed',
      `${operation} was not taken by Step Functions: ${why}. The task still waits for its answer.`,
    );
  }
}

/** Answers by Step Functions' own protocol: SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat. */
export function taskCallbacks(environment: Environment): TaskCallbacks {
  const ask = awsService('states', environment);
  const send = async (operation: string, body: object): Promise<boolean> => {
    const answer = await ask(`AWSStepFunctions.${operation}`, body);
    if (answer.ok) return true;
    if (/^Task(DoesNotExist|TimedOut)$/.test(answer.error)) return false;
    throw new CallbackFailed(operation, answer.error);
  };
  return {
    succeed: (taskToken, output) =>
      send('SendTaskSuccess', { taskToken, output: JSON.stringify(output) }),
    fail: (taskToken, error, cause) =>
      send('SendTaskFailure', {
        taskToken,
        error: error.slice(0, 256),
        ...(cause === undefined ? {} : { cause: cause.slice(0, 32_768) }),
      }),
    heartbeat: (taskToken) => send('SendTaskHeartbeat', { taskToken }),
  };
}
