import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { changeTags, tagged } from '../tagging.ts';

/** Sets tags of a state machine or an activity. */
export const tagResource = operation(
  { resourceArn: fields.arn, tags: fields.tags },
  ({ resourceArn, tags }, service) => {
    changeTags(service, resourceArn, (old) => tagged(resourceArn, old, tags));
    return {};
  },
);
