import type { Json } from '../../json.ts';
import { modelRetry, taskRetry } from '../../model/retry-policy.ts';
import type { CallNode } from '../../workflow/graph.ts';
import { isHttpCall } from '../../workflow/http-lane.ts';
import { resourceMark } from '../document.ts';
import { template } from '../expression.ts';
import { own, resultHand } from '../hand.ts';
import { checkPayload } from '../limits.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  type Place,
  readerAt,
} from '../place.ts';
import { taskArguments } from './allowance.ts';
import { batchStates } from './lane/batch.ts';
import { httpCallState } from './lane/http.ts';
import { modelState } from './model-state.ts';

/**
 * A call is a Task: of a task's function by its ARN, so that its result is the function's answer, without
 * the envelope of lambda:invoke; of a model by its lane.
 */
export function callState(place: Place, node: CallNode, exit: Exit): Ending {
  const { target, timeoutSeconds } = node;
  if (target.kind === 'task') return taskState(place, node, exit);
  if (isHttpCall(node)) return httpCallState(place, node, exit);
  if (target.lane === 'batch') return batchStates(place, node, exit);
  const name = place.scope.names.state(node.id);
  // The other lanes call a function each.
  const lane = target.lane === 'background' ? 'background' : 'sync';
  return modelState(place, node, { name, lane, timeoutSeconds, catchers: [] }, exit);
}

export function retryOf(node: CallNode): NonNullable<CallNode['retry']> {
  return node.retry ?? (node.target.kind === 'model' ? modelRetry : taskRetry);
}

function taskState(place: Place, node: CallNode, exit: Exit): Ending {
  const { names, functions } = place.scope;
  const name = names.state(node.id);
  const isFirst = place.first === node.id;
  const given = template(node.payload, readerAt(place, isFirst));
  const args = taskArguments(place, node, given, isFirst);
  checkPayload(args, name);
  const retry = retryOf(node);
  const ending = exit(node.gives === 'output' ? own('output') : own());
  place.machine.add(name, {
    Type: 'Task',
    Resource: resourceMark(functions.placeholder(node)),
    Arguments: args,
    TimeoutSeconds: node.timeoutSeconds,
    ...(retry.length > 0 ? { Retry: retry as unknown as Json } : {}),
    ...catchField(place, isFirst, [], resultHand),
    ...endingFields(place, ending, isFirst, resultHand),
  });
  return { next: name, assign: [], output: null };
}
