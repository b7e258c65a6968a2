import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../json.ts';
import type { Run } from '../../run/run.ts';
import type { RecordedCall } from './recorded-call.ts';

/** Where a replay went another way than the recorded execution. */
export interface Divergence {
  /** 'call': one that the export does not have; 'missing': one that was not made; 'outcome': the end. */
  readonly kind: 'call' | 'missing' | 'outcome';
  /** The state's name; null: the whole run. */
  readonly state: string | null;
  /** As recorded; null: there is nothing to compare with. */
  readonly expected: Json;
  readonly got: Json;
  /** A full sentence. It holds no data: these are in `expected` and `got`. */
  readonly message: string;
}

/** Recorded calls that the replay did not make. */
export function missing({ state, input, end }: RecordedCall): Divergence {
  const how = end.kind === 'aborted' ? 'was cut off' : end.kind;
  const message = `The state '${state}' made a call (it ${how}) in the recorded execution, and did not make it now.`;
  return { kind: 'missing', state, expected: input, got: null, message };
}

/** How the end differs. */
export function outcomeDifference(recorded: Run, replayed: Run): readonly Divergence[] {
  const [expected, got] = [endOf(recorded), endOf(replayed)];
  if (isDeepStrictEqual(expected, got)) return [];
  const message =
    recorded.status === replayed.status
      ? `The run is ${replayed.status} as recorded, with ${'output' in replayed ? 'another output' : 'another error'}.`
      : `The run is ${replayed.status}, and the recorded execution is ${recorded.status}.`;
  return [{ kind: 'outcome', state: null, expected, got, message }];
}

/** Causes are worded for people, and name the execution: an error's name says what happened. */
function endOf(run: Run): Json {
  if (run.status === 'SUCCEEDED') return { status: run.status, output: run.output };
  return { status: run.status, ...('error' in run ? { error: run.error } : {}) };
}
