import type { Json } from '../../json.ts';

/** What a JSONPath of Step Functions can reach. */
export interface PathScope {
  /** `$`: the state's effective input (or whatever the field reads from). */
  readonly input: Json;
  /** `$$`: the context object. */
  readonly context: Json;
  /** `$name`: the variables that are visible to the state. */
  readonly variables: Readonly<Record<string, Json>>;
  /** For `States.MathRandom` and `States.UUID`, in [0, 1); default: the machine's. */
  readonly random?: () => number;
}
