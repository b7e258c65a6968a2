import type { JsonObject } from '../../../json.ts';
import type { LaneTask } from './lane.ts';

/**
 * Seconds that a state has beyond its call. The call's own limit is kept by a function that looks after
 * open calls once a minute, and says which call was too slow; the state's own is there should it not.
 */
const margin = 150;

/**
 * The function gives the call to the provider and ends; the state waits for its token, which comes back
 * with the result. One transition, as in the sync lane, whatever the call takes.
 */
export const backgroundTask: LaneTask = (mark, request, timeoutSeconds) =>
  submitted(mark, { request }, timeoutSeconds);

/** As in the background; the function notes the call, and it goes to the provider with others. */
export const batchTask: LaneTask = (mark, request, timeoutSeconds) =>
  submitted(mark, { lane: 'batch', request }, timeoutSeconds);

function submitted(mark: string, call: JsonObject, timeoutSeconds: number): JsonObject {
  return {
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: {
      FunctionName: mark,
      Payload: { taskToken: '{% $states.context.Task.Token %}', ...call },
    },
    TimeoutSeconds: timeoutSeconds + margin,
  };
}
