import type { LambdaInvocation } from '../../engine/task/lambda-invoke.ts';

/** A function's answer. `payload` is JSON text, '' for a call that does not wait. */
export interface FunctionAnswer {
  readonly payload: string;
  readonly statusCode: number;
  readonly requestId: string;
  readonly executedVersion: string | undefined;
}

/** Lambda, or what stands in for it. */
export interface Functions {
  /** Why a function (a name or an ARN) cannot be called; undefined when it can. Asked before a run. */
  refuse(functionName: string): string | undefined;
  /** @throws TaskFailure: the function's own error, or `Lambda.*` where it could not be called. */
  invoke(invocation: LambdaInvocation, signal: AbortSignal): Promise<FunctionAnswer>;
}
