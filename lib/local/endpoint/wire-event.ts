import type { HistoryEvent } from '../../engine/history/event.ts';
import type { JsonObject } from '../../json.ts';

/** AWS: the event types that have details, Entered and Exited of all states apart. */
const DETAILED: ReadonlySet<string> = new Set([
  ...['ActivityFailed', 'ActivityScheduleFailed', 'ActivityScheduled', 'ActivityStarted'],
  ...['ActivitySucceeded', 'ActivityTimedOut', 'TaskFailed', 'TaskScheduled', 'TaskStartFailed'],
  ...['TaskStarted', 'TaskSubmitFailed', 'TaskSubmitted', 'TaskSucceeded', 'TaskTimedOut'],
  ...['ExecutionFailed', 'ExecutionStarted', 'ExecutionSucceeded', 'ExecutionAborted'],
  ...['ExecutionTimedOut', 'ExecutionRedriven', 'MapStateStarted', 'MapIterationStarted'],
  ...['MapIterationSucceeded', 'MapIterationFailed', 'MapIterationAborted'],
  ...['LambdaFunctionFailed', 'LambdaFunctionScheduleFailed', 'LambdaFunctionScheduled'],
  ...['LambdaFunctionStartFailed', 'LambdaFunctionSucceeded', 'LambdaFunctionTimedOut'],
  ...['MapRunStarted', 'MapRunFailed', 'MapRunRedriven', 'EvaluationFailed'],
]);

/** Details that GetExecutionHistory leaves out when `includeExecutionData` is false. */
const DATA: ReadonlySet<string> = new Set(['input', 'output', 'parameters', 'assignedVariables']);

/** What the history says beyond the engine's events. */
export interface WireContext {
  /** More details of ExecutionStarted: roleArn, stateMachineAliasArn, stateMachineVersionArn. */
  readonly started: JsonObject;
  readonly includeExecutionData: boolean;
}

/**
 * An event as GetExecutionHistory sends it: the details under a key of their own per type
 * ('stateEnteredEventDetails'), times in seconds.
 */
export function wireEvent(event: HistoryEvent, context: WireContext): JsonObject {
  const { id, previousEventId, timestamp, type } = event;
  const told = { id, previousEventId, timestamp: timestamp / 1000, type };
  const key = detailsKey(type);
  return key === undefined ? told : { ...told, [key]: wireDetails(event, context) };
}

function detailsKey(type: string): string | undefined {
  const state = /State(?:Entered|Exited)$/.exec(type)?.[0];
  if (state === undefined && !DETAILED.has(type)) return undefined;
  const name = state ?? type;
  return `${name[0]?.toLowerCase()}${name.slice(1)}EventDetails`;
}

function wireDetails({ type, details = {} }: HistoryEvent, context: WireContext): JsonObject {
  const more = type === 'ExecutionStarted' ? context.started : {};
  const told: Record<string, unknown> = { ...details, ...more };
  for (const name of ['input', 'output', 'assignedVariables']) {
    if (name in told) told[`${name}Details`] = { truncated: false };
  }
  if (!context.includeExecutionData) {
    for (const name of DATA) delete told[name];
  }
  return told as JsonObject;
}
