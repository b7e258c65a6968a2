import type { Json, JsonObject } from '../json.ts';
import type { Node, Sequence } from '../workflow/graph.ts';
import { template } from './expression.ts';
import { type Scope, type State, variableReader } from './scope.ts';
import { callState } from './states/call.ts';
import { gatherState } from './states/gather.ts';

/** A part of a state machine that has its own StartAt: the machine, or a branch. */
export interface StateMachine extends JsonObject {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** How a branch that may fail says so: its catchers, and the state that they lead to. */
export interface Rejected {
  readonly name: string;
  readonly catchers: readonly Json[];
  readonly state: State;
}

/** Chains a sequence's nodes; the last one computes the sequence's output. */
export function sequenceStates(
  scope: Scope,
  sequence: Sequence,
  rejected: Rejected | null = null,
): StateMachine {
  const { nodes, output } = sequence;
  const first = nodes[0];
  if (!first) return constantMachine(scope, sequence);
  const states: [string, State][] = nodes.map((node, index) => {
    const following = nodes[index + 1];
    const state = nodeState(scope, node, {
      next: following ? scope.names.state(following.id) : null,
      output: following ? null : output,
      settles: !following && rejected !== null,
      catchers: rejected?.catchers ?? [],
    });
    return [scope.names.state(node.id), state];
  });
  if (rejected) states.push([rejected.name, rejected.state]);
  return { StartAt: scope.names.state(first.id), States: Object.fromEntries(states) };
}

function nodeState(scope: Scope, node: Node, ending: Parameters<typeof callState>[2]): State {
  return node.kind === 'call'
    ? callState(scope, node, ending)
    : gatherState(scope, node, ending, sequenceStates);
}

/** A workflow that awaits nothing still needs one state. */
function constantMachine(scope: Scope, { output }: Sequence): StateMachine {
  const value = template(output, variableReader(scope));
  return { StartAt: 'return', States: { return: { Type: 'Pass', Output: value, End: true } } };
}
