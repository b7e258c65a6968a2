import { StateFailure } from '../failure.ts';

/** How a task ends: with the call's answer, with the job that it started, or with a task token. */
export type IntegrationPattern = 'request' | 'sync' | 'sync:2' | 'waitForTaskToken';

/** A Task state's `Resource`, taken apart. */
export type Resource =
  | { readonly kind: 'lambda'; readonly arn: string }
  | { readonly kind: 'activity'; readonly arn: string }
  | {
      readonly kind: 'service';
      readonly arn: string;
      /** 'lambda', 'dynamodb', 'aws-sdk:s3': the history's resourceType. */
      readonly service: string;
      /** 'invoke', 'getItem'. */
      readonly api: string;
      readonly pattern: IntegrationPattern;
      /** 'invoke.waitForTaskToken', 'startExecution.sync:2': the history's resource. */
      readonly resource: string;
    };

const SERVICE =
  /^arn:[^:]*:states:[^:]*:[^:]*:([^.]+):([^:.]+)(?:\.(sync|sync:2|waitForTaskToken))?$/;

/** Takes a Resource ARN apart; undefined when it is no ARN that a Task state can name. */
export function parseResource(arn: string): Resource | undefined {
  if (/^arn:[^:]*:lambda:[^:]*:[^:]*:function:.+$/.test(arn)) return { kind: 'lambda', arn };
  if (/^arn:[^:]*:states:[^:]*:[^:]*:activity:[^:]+$/.test(arn)) return { kind: 'activity', arn };
  const match = SERVICE.exec(arn);
  if (!match) return undefined;
  const [, service = '', api = '', pattern] = match;
  return {
    kind: 'service',
    arn,
    service,
    api,
    pattern: (pattern ?? 'request') as IntegrationPattern,
    resource: pattern ? `${api}.${pattern}` : api,
  };
}

/** A result over 256 KiB: of a Lambda function (AWS names its ARN) or of a state (by its name). */
export function resultTooLarge(who: string): StateFailure {
  return new StateFailure(
    'States.DataLimitExceeded',
    `The state/task '${who}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
