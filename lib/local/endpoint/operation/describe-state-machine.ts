import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { shownRevision } from '../shown-revision.ts';
import { seconds } from '../shown-time.ts';

/** Describes a state machine, or one of its versions. */
export const describeStateMachine = operation(
  { stateMachineArn: fields.arn, includedData: optional(fields.includedData) },
  ({ stateMachineArn, includedData }, service) => {
    const version = service.store.versions.get(stateMachineArn);
    const machine = service.machines.find(version?.machineArn ?? stateMachineArn);
    const revision = service.machines.revision(version?.revision ?? machine.revision);
    return {
      stateMachineArn,
      name: machine.name,
      status: 'ACTIVE',
      type: machine.type,
      creationDate: seconds(version?.creationDate ?? machine.creationDate),
      description: version?.description,
      ...shownRevision(revision, includedData),
    };
  },
);
