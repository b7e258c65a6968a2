import type { Json, JsonObject } from '../../json.ts';
import { modelRetry, taskRetry } from '../../model/retry-policy.ts';
import type { CallNode, Value } from '../../workflow/graph.ts';
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
import { modelAllowance, taskArguments } from './allowance.ts';
import { budgetArgument } from './budget.ts';
import { callerArgument } from './caller.ts';
import { httpCallState } from './lane/http.ts';
import { type FunctionLane, laneTasks } from './lane/lane.ts';
import { turnStates } from './turn.ts';

/**
 * A call is a Task: of a task's function by its ARN, so that its result is the function's answer, without
 * the envelope of lambda:invoke; of a model by its lane. The call's own limit is below the function's and the state's, so
 * that it ends first and its error says what happened. A model's call that has to wait for its turn
 * comes back after a Wait: see turn.ts.
 */
export function callState(place: Place, node: CallNode, exit: Exit): Ending {
  if (isHttpCall(node)) return httpCallState(place, node, exit);
  const { names, functions } = place.scope;
  const name = names.state(node.id);
  const isFirst = place.first === node.id;
  const { target } = node;
  const isModel = target.kind === 'model';
  const payload = isModel ? withTimeLimit(node.payload, node.timeoutSeconds) : node.payload;
  // A retry policy of the user's own takes the place of waiting, too.
  const turn = isModel && node.retry === null ? turnStates(place, node, name) : null;
  const given = template(payload, readerAt(place, isFirst));
  const args = isModel
    ? {
        ...(given as JsonObject),
        ...budgetArgument(place, isFirst),
        ...turn?.argument,
        ...callerArgument(place, isFirst),
        ...modelAllowance(place, node, isFirst),
      }
    : taskArguments(place, node, given, isFirst);
  checkPayload(args, name);
  const retry = retryOf(node);
  const mark = resourceMark(functions.placeholder(node));
  const result = node.gives === 'output' ? own('output') : own();
  const ending = exit(result);
  const assign = [...(turn?.reset ?? []), ...ending.assign];
  place.machine.add(name, {
    Type: 'Task',
    ...(isModel
      ? laneTasks[target.lane as FunctionLane](mark, args as JsonObject, node.timeoutSeconds)
      : { Resource: mark, Arguments: args, TimeoutSeconds: node.timeoutSeconds }),
    ...(retry.length > 0 ? { Retry: retry as unknown as Json } : {}),
    ...catchField(place, isFirst, turn ? [turn.catcher] : [], resultHand),
    ...endingFields(place, { ...ending, assign }, isFirst, resultHand),
  });
  return { next: name, assign: [], output: null };
}

export function retryOf(node: CallNode): NonNullable<CallNode['retry']> {
  return node.retry ?? (node.target.kind === 'model' ? modelRetry : taskRetry);
}

function withTimeLimit(payload: Value, timeoutSeconds: number): Value {
  if (payload.kind !== 'object') return payload;
  const limit: Value = { kind: 'literal', value: timeoutSeconds };
  return { kind: 'object', entries: [...payload.entries, ['timeoutSeconds', limit]] };
}
