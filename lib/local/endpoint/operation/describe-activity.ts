import { findActivity } from '../activity.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { seconds } from '../shown-time.ts';

/** Describes an activity. */
export const describeActivity = operation({ activityArn: fields.arn }, (request, service) => {
  const { arn, name, creationDate } = findActivity(service, request.activityArn);
  return { activityArn: arn, name, creationDate: seconds(creationDate) };
});
