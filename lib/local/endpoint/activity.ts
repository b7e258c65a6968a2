import { parseArn } from './arn.ts';
import type { ActivityRecord } from './records.ts';
import type { Service } from './service.ts';
import { activityDoesNotExist } from './service-error.ts';

/** @throws ServiceError `ActivityDoesNotExist`, `InvalidArn`. */
export function findActivity({ store }: Service, arn: string): ActivityRecord {
  parseArn(arn, 'activity');
  const activity = store.activities.get(arn);
  if (!activity) throw activityDoesNotExist(arn);
  return activity;
}
