import { parseArn } from '../arn.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';

/** Deletes an activity. No activity is no error. */
export const deleteActivity = operation({ activityArn: fields.arn }, (request, { store }) => {
  store.activities.delete(parseArn(request.activityArn, 'activity').text);
  return {};
});
