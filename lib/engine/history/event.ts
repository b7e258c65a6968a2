/**
 * One event of an execution's history, as GetExecutionHistory tells it, with one difference: the
 * details stand under `details` instead of under a key per type (`stateEnteredEventDetails`, ...).
 * `input` and `output` inside the details are JSON text, as AWS has them.
 *
 * `id` counts from 1 without gaps; `previousEventId` is the event that led to this one (0: none), so
 * the events of one branch are a chain even where branches interleave.
 */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** AWS's HistoryEventType: 'ExecutionStarted', 'TaskStateEntered', 'LambdaFunctionScheduled', ... */
  readonly type: string;
  readonly details?: HistoryEventDetails;
}

export interface HistoryEventDetails {
  readonly name?: string;
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly resource?: string;
  readonly resourceType?: string;
  /** Variables that a state assigned: name to JSON text. */
  readonly assignedVariables?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}
