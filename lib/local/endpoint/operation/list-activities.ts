import { operation } from '../operation.ts';
import { page, pageFields } from '../page.ts';
import { seconds } from '../shown-time.ts';

/** Lists the activities by name. */
export const listActivities = operation(pageFields, (request, { store }) => {
  const all = [...store.activities.all()].sort((a, b) => (a.arn < b.arn ? -1 : 1));
  const { items, nextToken } = page(all, { kind: 'activities', key: ({ arn }) => arn }, request);
  return {
    activities: items.map(({ arn, name, creationDate }) => ({
      ...{ activityArn: arn, name },
      creationDate: seconds(creationDate),
    })),
    nextToken,
  };
});
