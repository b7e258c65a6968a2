import type { Engine } from '../../engine/engine.ts';
import { type TaskCall, TaskFailure, type TaskPort } from '../../engine/task/task-port.ts';
import type { Json } from '../../json.ts';
import type { Divergence } from './divergence.ts';
import type { RecordedCall } from './recorded-call.ts';
import { sameInput } from './same-input.ts';

/** What a refused call fails with. */
export const notRecorded = 'Replay.NotRecorded';

/** Longer than any state waits: for a call that was cut off when its branch or run ended. */
const never = 3_000_000_000_000;

/** The tasks of an exported execution: each call gets the recorded answer, after the recorded time. */
export interface RecordedTasks extends TaskPort {
  /** Calls that the export does not have, in order. */
  readonly refused: readonly Divergence[];
  /** Recorded calls that were not made. */
  readonly left: readonly RecordedCall[];
}

/**
 * @param marks stand in the document where a deployment has its own names
 * @param inputs 'any': a call with another input gets the state's next answer
 */
export function recordedTasks(
  recorded: readonly RecordedCall[],
  {
    engine,
    marks,
    inputs,
  }: {
    readonly engine: () => Engine;
    readonly marks: readonly string[];
    readonly inputs: 'same' | 'any';
  },
): RecordedTasks {
  const left = [...recorded];
  const refused: Divergence[] = [];

  function taken(call: TaskCall, input: Json): RecordedCall | undefined {
    const own = { token: call.taskToken, marks };
    const ofState = (each: RecordedCall) => each.state === call.stateName;
    const same = left.findIndex((each) => ofState(each) && sameInput(input, each.input, own));
    const index = same < 0 && inputs === 'any' ? left.findIndex(ofState) : same;
    return index < 0 ? undefined : left.splice(index, 1)[0];
  }

  function refusal(call: TaskCall, got: Json): TaskFailure {
    const { stateName: state } = call;
    const expected = left.find((each) => each.state === state)?.input ?? null;
    const why =
      expected === null
        ? recorded.some((each) => each.state === state)
          ? `The state '${state}' makes a call more often than it did in the recorded execution.`
          : `The state '${state}' makes a call, and the recorded execution has none of a state of that name.`
        : `The state '${state}' calls with another input than it did in the recorded execution.`;
    refused.push({ kind: 'call', state, expected, got, message: why });
    return new TaskFailure(notRecorded, why);
  }

  return {
    refused,
    left,
    refuse: (arn) =>
      /:activity:/.test(arn)
        ? 'A replay answers functions and services; it has no workers that ask for activities.'
        : undefined,
    async run(call) {
      const input = JSON.parse(call.input) as Json;
      const found = taken(call, input);
      if (found === undefined) throw refusal(call, input);
      return answer(call, found, engine());
    },
  };
}

async function answer(call: TaskCall, recorded: RecordedCall, engine: Engine): Promise<string> {
  const { duration, end, submitted } = recorded;
  if (submitted !== undefined) {
    await call.sleep(submitted.after);
    call.submitted(submitted.output);
  }
  const rest = duration - (submitted?.after ?? 0);
  // The state's own limit comes first, where it has one.
  if (end.kind === 'timed out') await call.sleep(rest + 1);
  else await call.sleep(end.kind === 'aborted' ? never : rest);
  const { taskToken: token } = call;
  if (end.kind === 'timed out') throw new TaskFailure('States.Timeout');
  if (end.kind === 'aborted') {
    throw new TaskFailure(notRecorded, 'The recorded call was cut off before it was answered.');
  }
  if (end.kind === 'succeeded') {
    if (token === undefined || submitted === undefined) return end.output;
    engine.sendTaskSuccess(token, end.output);
    return submitted.output;
  }
  if (token === undefined || submitted === undefined) throw new TaskFailure(end.error, end.cause);
  engine.sendTaskFailure(token, end.error, end.cause);
  return submitted.output;
}
