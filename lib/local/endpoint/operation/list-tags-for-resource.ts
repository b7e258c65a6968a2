import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { tagsOf } from '../tagging.ts';

/** The tags of a state machine or an activity. */
export const listTagsForResource = operation({ resourceArn: fields.arn }, (request, service) => ({
  tags: Object.entries(tagsOf(service, request.resourceArn)).map(([key, value]) => ({
    key,
    value,
  })),
}));
