import { activityArn } from '../arn.ts';
import { checkEncryption } from '../encryption.ts';
import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { checkName } from '../name.ts';
import { operation } from '../operation.ts';
import { seconds } from '../shown-time.ts';
import { tagged } from '../tagging.ts';

/** Creates an activity. The same name again gives the one that is there. */
export const createActivity = operation(
  {
    name: fields.name,
    tags: optional(fields.tags),
    encryptionConfiguration: optional(fields.encryptionConfiguration),
  },
  ({ name, tags = [], encryptionConfiguration }, service, { place }) => {
    checkName(name);
    checkEncryption(encryptionConfiguration);
    const arn = activityArn(place, name);
    const known = service.store.activities.get(arn);
    const creationDate = known?.creationDate ?? service.now();
    if (!known)
      service.store.activities.put(arn, { arn, name, creationDate, tags: tagged(arn, {}, tags) });
    return { activityArn: arn, creationDate: seconds(creationDate) };
  },
);
