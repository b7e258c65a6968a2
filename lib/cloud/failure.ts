import {
  CloudError,
  type CloudgatherError,
  InputInvalid,
  RunConflict,
  RunNotFound,
  WorkflowNotFound,
} from '../errors.ts';
import type { Machine } from './machine.ts';

/** What was asked of AWS when it failed. */
export interface Request {
  /** The API action, as IAM names it: 'StartExecution'. */
  readonly action: string;
  readonly machine: Machine;
  readonly run?: string;
}

/**
 * A failure of the AWS SDK in our words. It never carries the SDK's error as its cause, nor its
 * message: those can repeat the input.
 */
export function failureOf(error: unknown, request: Request): CloudgatherError {
  const { machine, run, action } = request;
  const name = nameOf(error);
  const workflow = machine.workflow.name;
  if (['ExecutionDoesNotExist', 'InvalidArn'].includes(name) && run !== undefined) {
    return new RunNotFound(`There is no run "${run}" of workflow "${workflow}" in AWS.`);
  }
  if (name === 'ExecutionNotRedrivable') {
    return new RunConflict(
      `The run "${run}" of workflow "${workflow}" cannot be redriven: it is open, has succeeded, or has failed over 14 days ago.`,
    );
  }
  if (['StateMachineDoesNotExist', 'StateMachineDeleting', 'InvalidArn'].includes(name)) {
    return new WorkflowNotFound(
      `Workflow "${workflow}" has no state machine ${machine.arn}. Is it deployed? ` +
        '"npx cdk deploy" does that.',
    );
  }
  if (name === 'InvalidExecutionInput') {
    return new InputInvalid(`AWS does not take the input of workflow "${workflow}" as JSON.`);
  }
  return cloudErrorOf(name, error, `${action} on ${machine.arn}`, machine.region);
}

function cloudErrorOf(name: string, error: unknown, what: string, region: string): CloudError {
  if (/CredentialsProviderError|TokenProviderError/.test(name)) {
    return new CloudError(
      'Cloud.NoCredentials',
      `${what}: no AWS credentials were found. Sign in with "aws login" or "aws sso login", or set ` +
        'AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    );
  }
  if (/ExpiredToken|UnrecognizedClient|InvalidClientTokenId|Signature|MissingAuth/.test(name)) {
    return new CloudError(
      'Cloud.NoCredentials',
      `${what}: AWS does not accept the credentials (${name}). They have expired or belong to ` +
        'nobody: sign in again.',
    );
  }
  if (/AccessDenied/.test(name)) {
    return new CloudError(
      'Cloud.AccessDenied',
      `${what}: AWS denies it to these credentials (${name}). They need states:${what.split(' ')[0]} ` +
        'on that state machine and its executions.',
    );
  }
  if (/Throttl|TooManyRequests|ExecutionLimitExceeded/.test(name)) {
    return new CloudError(
      'Cloud.Throttled',
      `${what}: AWS is asked too often (${name}), after several attempts. Try again in a while.`,
    );
  }
  if (isUnreachable(error, name)) {
    return new CloudError(
      'Cloud.Unreachable',
      `${what}: Step Functions in region ${region} could not be reached. Check the network, the ` +
        'region and the endpoint.',
    );
  }
  return new CloudError(
    'Cloud.Failed',
    `${what}: AWS answered ${name || 'with an unknown error'}.`,
  );
}

/** The name that AWS gave its error; '' for none. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function isUnreachable(error: unknown, name: string): boolean {
  const { code } = error as { code?: unknown };
  const codes = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH)$/;
  return name === 'TimeoutError' || (typeof code === 'string' && codes.test(code));
}
