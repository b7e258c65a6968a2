/**
 * Every error class of Cloudgather. Few, each named by a literal that users can grep, each message a
 * full sentence: what happened, the value received, what is allowed, how to mend it.
 *
 * `Model.*` errors are thrown inside Lambda functions and reach a workflow by `error.name`: Step
 * Functions matches `ErrorEquals` against that name (AWS docs: "Error handling in Step Functions").
 */

/** A place in the user's code: the file from the project's root, line and column from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The root of all: `error instanceof CloudgatherError` tells our errors from a bug. */
export class CloudgatherError extends Error {
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }

  toJSON(): { name: string; message: string } {
    return { name: this.name, message: this.message };
  }
}

/** A workflow made a step and never awaited it: asyncio's "coroutine was never awaited". */
export class StepNeverAwaited extends CloudgatherError {
  /** Where each of the steps was made, as far as that is known. */
  readonly positions: readonly SourcePosition[];

  constructor(message: string, positions: readonly SourcePosition[] = []) {
    super('StepNeverAwaited', message);
    this.positions = positions;
  }
}

/** A step was awaited twice, awaited in another workflow, or awaited beside another without `gather`. */
export class StepMisused extends CloudgatherError {
  /** Where the step was made: it is awaited by JavaScript itself, whose stack has no line of the user. */
  readonly position: SourcePosition | null;

  constructor(message: string, position: SourcePosition | null = null) {
    super('StepMisused', message);
    this.position = position;
  }
}

/** JavaScript asked a symbolic value for what only a run can know: arithmetic, comparison, iteration. */
export class SymbolicValueMisused extends CloudgatherError {
  constructor(message: string) {
    super('SymbolicValueMisused', message);
  }
}

/** A workflow, a step or an option is written in a way that cannot be compiled. */
export class WorkflowInvalid extends CloudgatherError {
  /** Where it is written, if the stack does not tell: the body of a branch ends without a line of its own. */
  readonly position: SourcePosition | null;

  constructor(
    message: string,
    options: ErrorOptions & { readonly position?: SourcePosition | null } = {},
  ) {
    super('WorkflowInvalid', message, options);
    this.position = options.position ?? null;
  }
}

/** A document breaks a limit of Step Functions that deploying or running would meet. */
export class LimitExceeded extends CloudgatherError {
  constructor(message: string) {
    super('LimitExceeded', message);
  }
}

/** A definition is not valid Amazon States Language. */
export class DefinitionInvalid extends CloudgatherError {
  constructor(message: string) {
    super('DefinitionInvalid', message);
  }
}

/** A definition is valid but asks for something that the engine does not serve; nothing was started. */
export class DefinitionUnsupported extends CloudgatherError {
  constructor(message: string) {
    super('DefinitionUnsupported', message);
  }
}

/** One thing that is wrong with an input: `path` is a JSON Pointer ('' is the whole input). */
export interface InputProblem {
  readonly path: string;
  readonly message: string;
}

/** An input does not fit the workflow's schema; nothing was started. */
export class InputInvalid extends CloudgatherError {
  readonly problems: readonly InputProblem[];

  constructor(message: string, problems: readonly InputProblem[] = []) {
    super('InputInvalid', message);
    this.problems = problems;
  }
}

/** No workflow of that name is known to this runner. */
export class WorkflowNotFound extends CloudgatherError {
  constructor(message: string) {
    super('WorkflowNotFound', message);
  }
}

/** No run of that id is known to this runner. */
export class RunNotFound extends CloudgatherError {
  constructor(message: string) {
    super('RunNotFound', message);
  }
}

/** A run of that id exists with another input, or is closed (AWS: ExecutionAlreadyExists). */
export class RunConflict extends CloudgatherError {
  constructor(message: string) {
    super('RunConflict', message);
  }
}

/** A run has asked no person anything by that id. */
export class ApprovalNotFound extends CloudgatherError {
  constructor(message: string) {
    super('ApprovalNotFound', message);
  }
}

/** The command line, a setting or a file named by it is wrong; nothing was started (exit code 2). */
export class UsageError extends CloudgatherError {
  constructor(message: string, options?: ErrorOptions) {
    super('UsageError', message, options);
  }
}

/** AWS could not be asked, or refused for a reason that lies outside of the workflow and the run. */
export class CloudError extends CloudgatherError {
  constructor(
    name:
      | 'Cloud.NoCredentials'
      | 'Cloud.AccessDenied'
      | 'Cloud.Throttled'
      | 'Cloud.Unreachable'
      | 'Cloud.Failed',
    message: string,
  ) {
    super(name, message);
  }
}

/** A large value that was put aside cannot be had, or could not be put aside. */
export class PayloadError extends CloudgatherError {
  constructor(
    /** Missing: it is not there, or may not be read. Unavailable: the store cannot be used now. */
    name: 'Payload.Missing' | 'Payload.Unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(name, message, options);
  }
}
