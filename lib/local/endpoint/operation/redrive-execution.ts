import { optional, text } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { seconds } from '../shown-time.ts';

/** Runs the unsuccessful states of a failed, aborted or timed-out execution again. */
export const redriveExecution = operation(
  {
    executionArn: fields.arn,
    clientToken: optional(text({ max: 64, pattern: /^[!-~]+$/, shownPattern: '[!-~]+' })),
  },
  ({ executionArn, clientToken }, { executions }) => ({
    redriveDate: seconds(executions.redrive(executionArn, clientToken)),
  }),
);
