import type { Json } from '../../json.ts';

/** `$states` as an expression sees it. */
export interface StatesVariable {
  readonly input: Json;
  readonly context: Json;
  /** Where the field may read it: Output and Assign of a Task, Parallel or Map. */
  readonly result?: Json;
  /** In a Catch: `{ Error, Cause }`. */
  readonly errorOutput?: Json;
}

/** What a JSONata expression can reach. */
export interface JsonataScope {
  readonly states: StatesVariable;
  /** `$name`: the variables that are visible to the state. */
  readonly variables: Readonly<Record<string, Json>>;
  /** Milliseconds since the epoch for `$now()` and `$millis()`; default: the machine's clock. */
  readonly now?: () => number;
  /** For `$random()` and `$uuid()`, in [0, 1); default: the machine's. */
  readonly random?: () => number;
}
