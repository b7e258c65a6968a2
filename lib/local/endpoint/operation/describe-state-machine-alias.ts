import { findAlias } from '../alias.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { seconds } from '../shown-time.ts';

/** Describes an alias. */
export const describeStateMachineAlias = operation(
  { stateMachineAliasArn: fields.arn },
  ({ stateMachineAliasArn }, service) => {
    const alias = findAlias(service, stateMachineAliasArn);
    return {
      stateMachineAliasArn: alias.arn,
      name: alias.name,
      description: alias.description,
      routingConfiguration: alias.routes,
      creationDate: seconds(alias.creationDate),
      updateDate: seconds(alias.updateDate),
    };
  },
);
