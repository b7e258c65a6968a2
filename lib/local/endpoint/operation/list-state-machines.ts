import { operation } from '../operation.ts';
import { page, pageFields } from '../page.ts';
import { seconds } from '../shown-time.ts';

/** Lists the state machines by name. */
export const listStateMachines = operation(pageFields, (request, { store }) => {
  const machines = [...store.machines.all()].sort((a, b) => (a.arn < b.arn ? -1 : 1));
  const { items, nextToken } = page(machines, { kind: 'machines', key: ({ arn }) => arn }, request);
  return {
    stateMachines: items.map(({ arn, name, type, creationDate }) => ({
      ...{ stateMachineArn: arn, name, type },
      creationDate: seconds(creationDate),
    })),
    nextToken,
  };
});
