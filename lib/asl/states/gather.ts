import type { Json } from '../../json.ts';
import type { Branch, GatherNode, Sequence } from '../../workflow/graph.ts';
import { inertText } from '../literal.ts';
import { type Ending, endingFields, type Scope, type State } from '../scope.ts';
import type { Rejected, StateMachine } from '../sequence.ts';

/**
 * A gather is a Parallel. Retry and Catch stand inside its branches: a Retry on the Parallel would
 * run, and pay, every branch again. With returnExceptions, each branch catches its own failure and
 * ends in a state named '... rejected'.
 */
export function gatherState(
  scope: Scope,
  node: GatherNode,
  ending: Ending,
  states: (scope: Scope, sequence: Sequence, rejected: Rejected | null) => StateMachine,
): State {
  const branches = node.branches.map((branch, index) =>
    states(scope, branch.body, node.returnExceptions ? rejection(scope, branch, index) : null),
  );
  return { Type: 'Parallel', Branches: branches, ...endingFields(scope, node, ending) };
}

/**
 * A Lambda function's failure has JSON text as its cause: `{"errorType", "errorMessage", "trace"}`. The
 * reader wants the message; any other cause is taken as it is, none as ''.
 */
const readableCause =
  '$contains($states.errorOutput.Cause & \'\', /^\\{.*"errorMessage".*\\}$/) ' +
  '? $parse($states.errorOutput.Cause).errorMessage ' +
  ": $states.errorOutput.Cause & ''";

function rejection(scope: Scope, branch: Branch, index: number): Rejected {
  const first = branch.body.nodes[0];
  const words = first && branch.body.nodes.length === 1 ? scope.names.state(first.id) : branch.key;
  const name = scope.names.rejected(branch, words);
  const reason: Json = {
    error: '{% $states.errorOutput.Error %}',
    cause: `{% ${readableCause} %}`,
    name: inertText(branch.key),
    index,
  };
  const output: Json = { status: 'rejected', reason };
  return {
    name,
    catchers: [{ ErrorEquals: ['States.ALL'], Output: output, Next: name }],
    state: { Type: 'Pass', End: true },
  };
}
