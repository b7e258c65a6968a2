import type { Json, JsonObject } from '../../json.ts';
import { modelRetry } from '../../model/retry-policy.ts';
import type { CallNode, Value } from '../../workflow/graph.ts';
import { resourceMark } from '../document.ts';
import { template } from '../expression.ts';
import { own, resultHand } from '../hand.ts';
import { checkPayload } from '../limits.ts';
import type { State } from '../machine.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  type Place,
  readerAt,
} from '../place.ts';
import { modelAllowance } from './allowance.ts';
import { budgetArgument } from './budget.ts';
import { callerArgument } from './caller.ts';
import { type FunctionLane, laneTasks } from './lane/lane.ts';
import { turnStates } from './turn.ts';

/** How a Task makes a model call. */
export interface Made {
  /** The state's name. */
  readonly name: string;
  readonly lane: FunctionLane;
  readonly timeoutSeconds: number;
  /** Catchers of its own, before those around the call. */
  readonly catchers: readonly State[];
}

/**
 * A Task that makes a model call in a lane that calls a function. The call's own limit is below the
 * function's and the state's, so that it ends first and its error says what happened. A call that has to
 * wait for its turn comes back after a Wait: see turn.ts.
 */
export function modelState(place: Place, node: CallNode, made: Made, exit: Exit): Ending {
  const { name, lane, timeoutSeconds } = made;
  const isFirst = place.first === node.id;
  // A retry policy of the user's own takes the place of waiting, too.
  const turn = node.retry === null ? turnStates(place, node, name) : null;
  const payload = withTimeLimit(node.payload, timeoutSeconds);
  const request = {
    ...(template(payload, readerAt(place, isFirst)) as JsonObject),
    ...budgetArgument(place, isFirst),
    ...turn?.argument,
    ...callerArgument(place, node, name, isFirst),
    ...modelAllowance(place, node, isFirst),
  };
  checkPayload(request, name);
  const retry = node.retry ?? modelRetry;
  const mark = resourceMark(place.scope.functions.placeholder(node, lane));
  const ending = exit(node.gives === 'output' ? own('output') : own());
  const assign = [...(turn?.reset ?? []), ...ending.assign];
  const catchers = [...(turn ? [turn.catcher] : []), ...made.catchers];
  place.machine.add(name, {
    Type: 'Task',
    ...laneTasks[lane](mark, request, timeoutSeconds),
    ...(retry.length > 0 ? { Retry: retry as unknown as Json } : {}),
    ...catchField(place, isFirst, catchers, resultHand),
    ...endingFields(place, { ...ending, assign }, isFirst, resultHand),
  });
  return { next: name, assign: [], output: null };
}

function withTimeLimit(payload: Value, timeoutSeconds: number): Value {
  if (payload.kind !== 'object') return payload;
  const limit: Value = { kind: 'literal', value: timeoutSeconds };
  return { kind: 'object', entries: [...payload.entries, ['timeoutSeconds', limit]] };
}
