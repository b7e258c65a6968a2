import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { seconds } from '../shown-time.ts';

/** Starts an execution of a machine, a version or an alias. */
export const startExecution = operation(
  {
    stateMachineArn: fields.arn,
    name: optional(fields.name),
    input: optional(fields.payload),
    traceHeader: optional(fields.traceHeader),
  },
  ({ stateMachineArn, ...request }, { executions }) => {
    const { arn, startDate } = executions.start({ ...request, arn: stateMachineArn });
    return { executionArn: arn, startDate: seconds(startDate) };
  },
);
