import { isObject } from './schema.ts';
import { parseJson } from './spend.ts';

/**
 * The ARN of the execution that a task has started, from its first answer; undefined for any other
 * task's.
 */
export function startedExecution(output: string | undefined): string | undefined {
  const answer = output?.includes('"ExecutionArn"') ? parseJson(output) : undefined;
  const arn = isObject(answer) ? answer.ExecutionArn : undefined;
  return typeof arn === 'string' ? arn : undefined;
}

/**
 * A failure as people are told it. Where the task was an execution, Step Functions says
 * 'States.TaskFailed' with all that DescribeExecution tells of it, its input too: what counts is the
 * execution's own error and cause.
 */
export function toldFailure(
  error: string | undefined,
  cause: string | undefined,
): { readonly error: string | null; readonly cause: string | null } {
  const arn = /^\{.*"ExecutionArn":"([^"]+)"/.exec(cause ?? '')?.[1];
  if (error !== 'States.TaskFailed' || arn === undefined) {
    return { error: error ?? null, cause: cause ?? null };
  }
  const described = parseJson(cause);
  const told = isObject(described) ? described : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  // A description that was cut short is no JSON.
  const ending = text(told.Status) ?? 'FAILED';
  return {
    error: text(told.Error) ?? error,
    cause: text(told.Cause) ?? `The execution ${arn} ended ${ending}.`,
  };
}
