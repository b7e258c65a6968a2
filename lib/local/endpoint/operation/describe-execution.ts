import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { notRedrivable } from '../redrivable.ts';
import { seconds, shownTime } from '../shown-time.ts';

/** Describes an execution of a Standard machine, or a child of a Map Run. */
export const describeExecution = operation(
  { executionArn: fields.arn, includedData: optional(fields.includedData) },
  ({ executionArn, includedData }, { executions, store, clock }) => {
    const record = executions.find(executionArn);
    const { name, status, input, output, error, cause, traceHeader, redriveCount } = record;
    const reason = notRedrivable(record, store.history(executionArn).length, clock.now());
    const child = record.mapRunArn !== undefined && status !== 'RUNNING' && status !== 'SUCCEEDED';
    const included = includedData !== 'METADATA_ONLY';
    return {
      ...{ executionArn, name, status, error, cause, traceHeader, redriveCount },
      stateMachineArn: record.machineArn,
      stateMachineVersionArn: record.versionArn,
      stateMachineAliasArn: record.aliasArn,
      mapRunArn: record.mapRunArn,
      startDate: seconds(record.startDate),
      stopDate: shownTime(record.stopDate),
      ...(included && { input, output }),
      inputDetails: { included },
      ...(output !== undefined && { outputDetails: { included } }),
      redriveDate: shownTime(record.redriveDate),
      redriveStatus:
        reason === undefined ? 'REDRIVABLE' : child ? 'REDRIVABLE_BY_MAP_RUN' : 'NOT_REDRIVABLE',
      redriveStatusReason: child ? undefined : reason,
    };
  },
);
