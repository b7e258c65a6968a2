import { TaskFailure } from '../engine/task/task-port.ts';

/** An error as a Lambda function reports it to Step Functions: its name, and JSON text as the cause. */
export function lambdaFailure(error: unknown): TaskFailure {
  if (error instanceof TaskFailure) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const cause = { errorType: name, errorMessage: message, trace: [`${name}: ${message}`] };
  return new TaskFailure(name, JSON.stringify(cause));
}
