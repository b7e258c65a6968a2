import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { shownRevision } from '../shown-revision.ts';
import { seconds } from '../shown-time.ts';

/** Describes the state machine as it was when the execution started. */
export const describeStateMachineForExecution = operation(
  { executionArn: fields.arn, includedData: optional(fields.includedData) },
  ({ executionArn, includedData }, { executions, machines }) => {
    const record = executions.find(executionArn);
    const revision = machines.revision(record.revision);
    const [name, label] = (record.machineArn.split(':').at(-1) ?? '').split('/');
    return {
      stateMachineArn: record.machineArn,
      name: label === undefined ? name : `${name}/${label}`,
      label,
      mapRunArn: record.mapRunArn,
      updateDate: seconds(revision.updateDate),
      ...shownRevision(revision, includedData),
    };
  },
);
