import { list, text } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { changeTags } from '../tagging.ts';

/** Takes tags off a state machine or an activity. */
export const untagResource = operation(
  { resourceArn: fields.arn, tagKeys: list(text({ max: 128 })) },
  ({ resourceArn, tagKeys }, service) => {
    changeTags(service, resourceArn, (old) =>
      Object.fromEntries(Object.entries(old).filter(([key]) => !tagKeys.includes(key))),
    );
    return {};
  },
);
