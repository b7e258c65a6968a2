import type { JsonObject } from '../../../json.ts';
import type { LaneTask } from './lane.ts';

/** Seconds that a state has beyond its call: the function's start, and its answer. */
const margin = 15;

/** The function makes the call and waits: its ARN is the Resource, its answer the result. */
export const syncTask: LaneTask = (mark: string, request: JsonObject, timeoutSeconds: number) => ({
  Resource: mark,
  Arguments: request,
  TimeoutSeconds: timeoutSeconds + margin,
});
