import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { page, pageFields } from '../page.ts';
import type { AliasRecord } from '../records.ts';
import { seconds } from '../shown-time.ts';

/** Lists the aliases of a machine, or those that route to one of its versions, by name. */
export const listStateMachineAliases = operation(
  { ...pageFields, stateMachineArn: fields.arn },
  (request, { machines, store }) => {
    const version = store.versions.get(request.stateMachineArn);
    const { arn } = machines.find(version?.machineArn ?? request.stateMachineArn);
    const aliases = [...store.aliases.all()]
      .filter(
        (alias) =>
          alias.machineArn === arn &&
          (!version || alias.routes.some((each) => each.stateMachineVersionArn === version.arn)),
      )
      .sort((a, b) => (a.arn < b.arn ? -1 : 1));
    const order = { kind: `aliases ${arn}`, key: (alias: AliasRecord) => alias.arn };
    const { items, nextToken } = page(aliases, order, request);
    return {
      stateMachineAliases: items.map((alias) => ({
        stateMachineAliasArn: alias.arn,
        creationDate: seconds(alias.creationDate),
      })),
      nextToken,
    };
  },
);
