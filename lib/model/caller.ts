/**
 * Which step of which run a call is made for. The compiler writes it (lib/asl/states/caller.ts), as
 * short as it can be, since each model step of a document has one.
 */
export type Caller = readonly [
  /** The run's name, also inside an execution of its own. */
  run: string,
  /** The workflow's name: runs of two may have the same. */
  workflow: string,
  /** The context object's `State`, as Step Functions has it. */
  state: CallingState,
  /** Inside a Map the index of the iteration: the innermost one, for Step Functions tells no other. */
  item?: number,
];

export interface CallingState {
  readonly Name: string;
  /** ISO 8601. */
  readonly EnteredTime: string;
  /** How often the state's call was retried since. */
  readonly RetryCount: number;
}

/** Whether the value is a `Caller`. */
export function isCaller(value: unknown): boolean {
  const [run, workflow, state, item = 0] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof run !== 'string' || typeof workflow !== 'string') return false;
  if (state === null || typeof state !== 'object') return false;
  const { Name, EnteredTime, RetryCount } = state as Partial<CallingState>;
  return (
    typeof Name === 'string' &&
    typeof EnteredTime === 'string' &&
    Number.isInteger(RetryCount) &&
    Number.isInteger(item)
  );
}
