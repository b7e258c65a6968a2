import type { Json } from '../json.ts';
import { TaskFailure } from './task/task-port.ts';

/** The variables that a state can read, by name. Never changed: an assignment makes a new record. */
export type Variables = Readonly<Record<string, Json>>;

/** AWS: 256 KiB for one variable and for all that one state assigns. */
const ASSIGN_LIMIT = 262_144;

/** AWS: 10 MiB for all variables of an execution. */
const TOTAL_LIMIT = 10 * 1024 * 1024;

/** What a state assigned: the values, and the JSON texts that the history shows. */
export interface Assignment {
  readonly values: Variables;
  readonly texts: Readonly<Record<string, string>>;
  /** UTF-8 bytes of all texts. */
  readonly bytes: number;
}

/**
 * Makes the texts of an assignment. Throws `States.DataLimitExceeded` over 256 KiB.
 * (AWS: "Passing data between states with variables", Limits.)
 */
export function assignment(values: Variables): Assignment {
  let bytes = 0;
  const texts = Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const text = JSON.stringify(value);
      bytes += Buffer.byteLength(text);
      return [name, text];
    }),
  );
  if (bytes > ASSIGN_LIMIT) {
    throw new TaskFailure(
      'States.DataLimitExceeded',
      `The variables assigned by one state take ${bytes} bytes; at most ${ASSIGN_LIMIT} are allowed.`,
    );
  }
  return { values, texts, bytes };
}

/** The assignment that a StateExited event recorded. */
export function recordedAssignment(texts: Readonly<Record<string, string>>): Assignment {
  const values = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, JSON.parse(text) as Json]),
  );
  return { values, texts, bytes: 0 };
}

/** `bytes` more than `total` bytes of variables; throws `States.DataLimitExceeded` over 10 MiB. */
export function addToTotal(total: number, bytes: number): number {
  if (total + bytes > TOTAL_LIMIT) {
    throw new TaskFailure(
      'States.DataLimitExceeded',
      `The variables of the execution take more than the ${TOTAL_LIMIT} bytes that are allowed.`,
    );
  }
  return total + bytes;
}

/** The variables after an assignment. `__proto__` is a name like any other. */
export function assign(variables: Variables, assigned: Variables): Variables {
  return { ...variables, ...assigned };
}
