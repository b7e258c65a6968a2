import { DEFAULT_MEMORY_MB, type FunctionSpec } from './function-spec.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';

/** The ARN that a function has on this machine. */
export function localFunctionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
}

/**
 * All that `process.env` holds inside a function: Lambda's own variables (developer guide, "Defined
 * runtime environment variables"), then the function's. Credentials are not among them: whoever wants
 * the AWS SDK to work gives them in `environment`. `TZ` is there to be read; dates follow this
 * process's time zone, which threads share.
 */
export function functionEnvironment(
  spec: FunctionSpec,
  variables: Readonly<Record<string, string>>,
  taskRoot: string,
): Record<string, string> {
  return {
    _HANDLER: `index.${spec.handler}`,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb ?? DEFAULT_MEMORY_MB),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LANG: 'en_US.UTF-8',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin',
    TZ: ':UTC',
    ...variables,
  };
}
