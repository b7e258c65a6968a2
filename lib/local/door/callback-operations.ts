import { TaskTokenRefused } from '../../engine/task/task-tokens.ts';
import type { JsonObject } from '../../json.ts';
import { optional, readInput } from '../endpoint/field.ts';
import * as fields from '../endpoint/members.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import type { TokenDesk } from './token-desk.ts';

/** What the door does of Step Functions' API (AWS JSON 1.0), by the operation's name. */
export const callbackOperations: Readonly<
  Record<string, (body: JsonObject, desk: TokenDesk) => Promise<object>>
> = {
  SendTaskSuccess(body, desk) {
    const shape = { taskToken: fields.taskToken, output: fields.payload };
    const { taskToken, output } = readInput(shape, body);
    return answered(desk.succeed(taskToken, output));
  },
  SendTaskFailure(body, desk) {
    const shape = {
      taskToken: fields.taskToken,
      error: optional(fields.errorName),
      cause: optional(fields.cause),
    };
    const { taskToken, error, cause } = readInput(shape, body);
    return answered(desk.fail(taskToken, error, cause));
  },
  SendTaskHeartbeat(body, desk) {
    const { taskToken } = readInput({ taskToken: fields.taskToken }, body);
    return answered(desk.heartbeat(taskToken));
  },
};

async function answered(work: Promise<void>): Promise<object> {
  try {
    await work;
    return {};
  } catch (error) {
    if (error instanceof TaskTokenRefused) throw new ServiceError(error.name, error.message);
    throw error;
  }
}
