import { checkRoutes, routing } from '../alias.ts';
import { optional, text } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { conflict } from '../service-error.ts';
import { seconds } from '../shown-time.ts';

/** Creates an alias of one or two versions. The same request again gives the one that is there. */
export const createStateMachineAlias = operation(
  {
    name: text({
      max: 80,
      pattern: /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+$/,
      shownPattern: '^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$',
    }),
    description: optional(fields.description),
    routingConfiguration: routing,
  },
  ({ name, description, routingConfiguration: routes }, service) => {
    const machineArn = checkRoutes(service, routes);
    const arn = `${machineArn}:${name}`;
    const known = service.store.aliases.get(arn);
    if (known) {
      const same =
        known.description === description &&
        JSON.stringify(known.routes) === JSON.stringify(routes);
      if (!same)
        throw conflict(
          'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
        );
      return { stateMachineAliasArn: arn, creationDate: seconds(known.creationDate) };
    }
    const now = service.now();
    const dates = { creationDate: now, updateDate: now };
    service.store.aliases.put(arn, { arn, machineArn, name, description, routes, ...dates });
    return { stateMachineAliasArn: arn, creationDate: seconds(now) };
  },
);
