import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { withToken } from '../token.ts';

/** Fails a waiting task. */
export const sendTaskFailure = operation(
  {
    taskToken: fields.taskToken,
    error: optional(fields.errorName),
    cause: optional(fields.cause),
  },
  ({ taskToken, error, cause }, { engine }) =>
    withToken(() => engine.sendTaskFailure(taskToken, error, cause)),
);
