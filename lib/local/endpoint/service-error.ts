/** What the service answers instead of a result: AWS's error name, its message and the HTTP status. */
export class ServiceError extends Error {
  readonly status: 400 | 403 | 404 | 413 | 415 | 421 | 500;

  constructor(name: string, message: string, status: ServiceError['status'] = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** AWS names the resource in quotes after a title: "State Machine Does Not Exist: 'arn:...'". */
function about(name: string, title: string): (subject: string) => ServiceError {
  return (subject) => new ServiceError(name, `${title}: '${subject}'`);
}

export const stateMachineDoesNotExist = about(
  'StateMachineDoesNotExist',
  'State Machine Does Not Exist',
);
export const stateMachineAlreadyExists = about(
  'StateMachineAlreadyExists',
  'State Machine Already Exists',
);
export const executionDoesNotExist = about('ExecutionDoesNotExist', 'Execution Does Not Exist');
export const executionAlreadyExists = about('ExecutionAlreadyExists', 'Execution Already Exists');
export const executionNotRedrivable = about('ExecutionNotRedrivable', 'Execution Not Redrivable');
export const activityDoesNotExist = about('ActivityDoesNotExist', 'Activity Does Not Exist');
export const invalidArn = about('InvalidArn', 'Invalid Arn');
export const invalidName = about('InvalidName', 'Invalid Name');
export const invalidToken = about('InvalidToken', 'Invalid Token');
export const invalidExecutionInput = about(
  'InvalidExecutionInput',
  'Invalid State Machine Execution Input',
);
export const resourceNotFound = about('ResourceNotFound', 'Resource not found');
export const tooManyTags = about('TooManyTags', 'Too many tags');

export function validationException(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

export function conflict(message: string): ServiceError {
  return new ServiceError('ConflictException', message);
}

export function typeNotSupported(): ServiceError {
  return new ServiceError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
  );
}

/** An alias, or what it routes to, is not there. */
export function referenceNotFound(): ServiceError {
  return new ServiceError('ResourceNotFound', 'Request references a resource that does not exist.');
}
