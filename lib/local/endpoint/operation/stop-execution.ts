import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { seconds } from '../shown-time.ts';

/** Ends an execution as ABORTED. One that has ended already stays as it is. */
export const stopExecution = operation(
  {
    executionArn: fields.arn,
    error: optional(fields.errorName),
    cause: optional(fields.cause),
  },
  ({ executionArn, error, cause }, { executions }) => ({
    stopDate: seconds(executions.stop(executionArn, error, cause)),
  }),
);
