import { parseArn } from './arn.ts';
import type { Tags } from './records.ts';
import type { Service } from './service.ts';
import { resourceNotFound, tooManyTags } from './service-error.ts';

/** AWS: a resource has at most 50 tags. */
const LIMIT = 50;

/** The tags of a state machine or an activity. @throws ServiceError `ResourceNotFound`, `InvalidArn`. */
export function tagsOf(service: Service, arn: string): Tags {
  parseArn(arn, 'stateMachine', 'activity');
  const resource = service.store.machines.get(arn) ?? service.store.activities.get(arn);
  if (!resource) throw resourceNotFound(arn);
  return resource.tags;
}

export function changeTags(service: Service, arn: string, change: (old: Tags) => Tags): void {
  const tags = change(tagsOf(service, arn));
  const { machines, activities } = service.store;
  const machine = machines.get(arn);
  const activity = activities.get(arn);
  if (machine) machines.put(arn, { ...machine, tags });
  else if (activity) activities.put(arn, { ...activity, tags });
}

/** `old` with further tags. @throws ServiceError `TooManyTags`. */
export function tagged(
  arn: string,
  old: Tags,
  tags: readonly { readonly key: string; readonly value: string | undefined }[],
): Tags {
  const all = new Map(Object.entries(old));
  for (const { key, value } of tags) all.set(key, value ?? '');
  if (all.size > LIMIT) throw tooManyTags(arn);
  return Object.fromEntries(all);
}
