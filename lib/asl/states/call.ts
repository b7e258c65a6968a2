import type { Json } from '../../json.ts';
import { modelRetry, taskRetry } from '../../model/retry-policy.ts';
import type { CallNode, Value } from '../../workflow/graph.ts';
import { resourceMark } from '../document.ts';
import { template } from '../expression.ts';
import { checkPayload } from '../limits.ts';
import { type Ending, endingFields, type Scope, type State, variableReader } from '../scope.ts';

/** Seconds that a model's state has beyond its call: the function's start, and its answer. */
const stateMargin = 15;

/**
 * A call is a Task whose Resource is the function's ARN: its result is the function's answer, without
 * the envelope of lambda:invoke. The call's own limit is below the function's and the state's, so
 * that it ends first and its error says what happened.
 */
export function callState(scope: Scope, node: CallNode, ending: Ending): State {
  const isModel = node.target.kind === 'model';
  const payload = isModel ? withTimeLimit(node.payload, node.timeoutSeconds) : node.payload;
  const retry = node.retry ?? (isModel ? modelRetry : taskRetry);
  const args = template(payload, variableReader(scope));
  checkPayload(args, scope.names.state(node.id));
  return {
    Type: 'Task',
    Resource: resourceMark(scope.functions.placeholder(node)),
    Arguments: args,
    TimeoutSeconds: node.timeoutSeconds + (isModel ? stateMargin : 0),
    ...(retry.length > 0 ? { Retry: retry as unknown as Json } : {}),
    ...endingFields(scope, node, ending),
  };
}

function withTimeLimit(payload: Value, timeoutSeconds: number): Value {
  if (payload.kind !== 'object') return payload;
  const limit: Value = { kind: 'literal', value: timeoutSeconds };
  return { kind: 'object', entries: [...payload.entries, ['timeoutSeconds', limit]] };
}
