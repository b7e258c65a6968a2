import type { Retrier } from '../../../model/retry-policy.ts';
import type { CallNode } from '../../../workflow/graph.ts';
import type { State } from '../../machine.ts';
import type { Ending, Exit, Place } from '../../place.ts';
import { modelState } from '../model-state.ts';
import { turnVariable } from '../turn.ts';
import { batchLimits } from './batch-limits.ts';

/**
 * That no batch has answered in time, as the function that looks after batches tells it; or the state
 * itself, should nobody have looked: this machine slept, or was off.
 */
const expired = ['Model.BatchExpired', 'States.Timeout'];
const wildcards = ['States.ALL', 'States.TaskFailed'];

/**
 * Two Tasks. The first waits for a batch to answer; the second, which a call that was answered never
 * sees, makes the same call in the lane 'sync' with what is left of its time. Both end where the call
 * ends, and the catchers around it take the failures of both.
 */
export function batchStates(place: Place, node: CallNode, exit: Exit): Ending {
  const { scope } = place;
  const name = scope.names.state(node.id);
  const sync = scope.names.extra(`${node.id}:sync`, `${name} as sync`);
  const limits = batchLimits(node.timeoutSeconds);
  const expiry: State = {
    ErrorEquals: expired,
    // A turn that a batch was given is none in the limits of sync calls.
    ...(node.retry === null ? { Assign: { [turnVariable(place, node)]: null } } : {}),
    // The second is as the first: where that reads the machine's input, it does.
    Output: '{% $states.input %}',
    Next: sync,
  };
  // What stands last in the document is built first.
  const asSync = { name: sync, lane: 'sync', timeoutSeconds: limits.sync, catchers: [] } as const;
  modelState(place, node, asSync, exit);
  const { batch: timeoutSeconds } = limits;
  const inBatch = { name, lane: 'batch', timeoutSeconds, catchers: [expiry] } as const;
  const retry = node.retry && withoutExpired(node.retry);
  return modelState(place, { ...node, retry }, inBatch, exit);
}

/**
 * A policy of the user's own for every error does not mean this one, which would wait for another batch
 * as long again: only one that names it does.
 */
function withoutExpired(retry: readonly Retrier[]): readonly Retrier[] {
  const first = retry.findIndex(({ ErrorEquals }) =>
    ErrorEquals.some((error) => wildcards.includes(error)),
  );
  if (first === -1) return retry;
  const never: Retrier = { ...retry[first]!, ErrorEquals: expired, MaxAttempts: 0 };
  return [...retry.slice(0, first), never, ...retry.slice(first)];
}
