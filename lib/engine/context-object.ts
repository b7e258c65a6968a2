import type { Json, JsonObject } from '../json.ts';
import type { Strand } from './strand.ts';

/** What stands under `Map` in the context object of an iteration. */
export interface MapItem {
  readonly Index: number;
  readonly Value: Json;
}

/**
 * The context object (`$$`, `$states.context`) as a state sees it now. `State.RetryCount` is there for
 * states that can retry, `Execution.RedriveCount` in Standard workflows only, `Task.Token` where the
 * state waits for one.
 */
export function contextObject(strand: Strand): JsonObject {
  const { execution, state } = strand;
  const retries = RETRYING.has(state.type) ? { RetryCount: strand.retryCount } : undefined;
  return {
    Execution: execution.context,
    StateMachine: execution.machineContext,
    State: { Name: state.name, EnteredTime: isoTime(strand.enteredTime), ...retries },
    ...(strand.mapItem && { Map: { Item: strand.mapItem as unknown as JsonObject } }),
    ...(strand.taskToken !== undefined && { Task: { Token: strand.taskToken } }),
  };
}

const RETRYING: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);

/** '2026-11-22T19:03:40.120Z'. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
