import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { withToken } from '../token.ts';

/** Gives a waiting task its result, JSON text. */
export const sendTaskSuccess = operation(
  { taskToken: fields.taskToken, output: fields.payload },
  ({ taskToken, output }, { engine }) => withToken(() => engine.sendTaskSuccess(taskToken, output)),
);
