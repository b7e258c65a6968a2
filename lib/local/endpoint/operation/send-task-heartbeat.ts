import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { withToken } from '../token.ts';

/** Says that a waiting task is being worked on: starts its HeartbeatSeconds anew. */
export const sendTaskHeartbeat = operation(
  { taskToken: fields.taskToken },
  ({ taskToken }, { engine }) => withToken(() => engine.sendTaskHeartbeat(taskToken)),
);
