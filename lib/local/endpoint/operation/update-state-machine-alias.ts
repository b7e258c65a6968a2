import { checkRoutes, findAlias, routing } from '../alias.ts';
import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { validationException } from '../service-error.ts';
import { seconds } from '../shown-time.ts';

/** Changes an alias's description or where it routes to. */
export const updateStateMachineAlias = operation(
  {
    stateMachineAliasArn: fields.arn,
    description: optional(fields.description),
    routingConfiguration: optional(routing),
  },
  ({ stateMachineAliasArn, description, routingConfiguration: routes }, service) => {
    const alias = findAlias(service, stateMachineAliasArn);
    if (description === undefined && routes === undefined)
      throw validationException(
        'Either the description or the routing configuration must be specified',
      );
    if (routes && checkRoutes(service, routes) !== alias.machineArn)
      throw validationException(
        'Routing configuration must contain versions of the state machine of the alias',
      );
    const updateDate = service.now();
    service.store.aliases.put(alias.arn, {
      ...alias,
      updateDate,
      ...(description !== undefined && { description }),
      ...(routes && { routes }),
    });
    return { updateDate: seconds(updateDate) };
  },
);
