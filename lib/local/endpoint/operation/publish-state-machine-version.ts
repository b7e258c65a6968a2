import { optional, text } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { conflict } from '../service-error.ts';
import { seconds } from '../shown-time.ts';
import { publish } from '../versions.ts';

/** Publishes the current revision as a version. The same revision again gives its version. */
export const publishStateMachineVersion = operation(
  {
    stateMachineArn: fields.arn,
    revisionId: optional(text()),
    description: optional(fields.description),
  },
  ({ stateMachineArn, revisionId, description }, service) => {
    const machine = service.machines.find(stateMachineArn);
    const current = service.machines.revision(machine.revision).revisionId ?? 'INITIAL';
    if (revisionId !== undefined && revisionId !== current)
      throw conflict(
        `Failed to publish the State Machine version for revision ${revisionId}. The current State Machine revision is ${current}.`,
      );
    const { arn, creationDate } = publish(service, machine, description);
    return { stateMachineVersionArn: arn, creationDate: seconds(creationDate) };
  },
);
