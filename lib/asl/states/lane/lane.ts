import type { JsonObject } from '../../../json.ts';
import type { Lane } from '../../../model/lane.ts';
import { backgroundTask, batchTask } from './background.ts';
import { syncTask } from './sync.ts';

/** The lanes in which a function is called; the other is a state of another kind: see http.ts. */
export type FunctionLane = Exclude<Lane, 'http'>;

/**
 * How a lane makes a model call: what its Task calls, with what, and for how long.
 * @param mark stands for the function's ARN
 * @param timeoutSeconds the call's own limit
 */
export type LaneTask = (mark: string, request: JsonObject, timeoutSeconds: number) => JsonObject;

export const laneTasks: Readonly<Record<FunctionLane, LaneTask>> = {
  sync: syncTask,
  background: backgroundTask,
  batch: batchTask,
};
