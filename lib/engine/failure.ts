/**
 * Where an evaluation failed, for AWS's `EvaluationFailed` event: `location` is the field inside the
 * state ('Output/result', 'Arguments/FunctionName', 'Choices[0]/Condition').
 */
export interface FailedEvaluation {
  readonly location: string;
}

/**
 * A state failed: an Amazon States Language error name (`States.Runtime`, `States.QueryEvaluationError`,
 * a Lambda function's errorType, ...) with its cause. Retry and Catch match on `error`.
 *
 * `cause` is without the "An error occurred while executing the state ..." lead, which the interpreter
 * adds because only it knows the state and the event id. It is cheap to throw: no stack is captured,
 * for a failing state is data, not a bug of ours.
 */
export class StateFailure extends Error {
  readonly error: string;
  override readonly cause: string | undefined;
  /** Set when an expression of the JSONata query language failed: AWS records it as an event. */
  readonly evaluation: FailedEvaluation | undefined;

  constructor(error: string, cause?: string, evaluation?: FailedEvaluation) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(cause === undefined ? error : `${error}: ${cause}`);
    Error.stackTraceLimit = limit;
    this.name = 'StateFailure';
    this.error = error;
    this.cause = cause;
    this.evaluation = evaluation;
  }
}
