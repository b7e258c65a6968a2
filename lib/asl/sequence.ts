import type { Node, Sequence } from '../workflow/graph.ts';
import { substitute } from '../workflow/substitute.ts';
import type { Build, Inner } from './build.ts';
import { Machine, type StateMachine } from './machine.ts';
import { assignments, type Ending, type Exit, endingFields, type Place, passing } from './place.ts';
import { approvalState } from './states/approval.ts';
import { attemptStates } from './states/attempt.ts';
import { callState } from './states/call.ts';
import { eachStates } from './states/each.ts';
import { executionState } from './states/execution.ts';
import { failState } from './states/fail.ts';
import { gatherStates } from './states/gather.ts';
import { quorumStates } from './states/quorum.ts';
import { raceStates } from './states/race.ts';
import { repeatStates } from './states/repeat.ts';
import { waitState } from './states/wait.ts';
import { whenStates } from './states/when.ts';

/**
 * Builds the states of one node and tells how to get there. A builder calls `exit` with the node's
 * value, as the state that ends the node has it at hand.
 */
type Builder<N extends Node> = (place: Place, node: N, exit: Exit, build: Build) => Ending;

const builders: { readonly [K in Node['kind']]: Builder<Node & { kind: K }> } = {
  call: callState,
  execution: executionState,
  gather: gatherStates,
  race: raceStates,
  quorum: quorumStates,
  each: eachStates,
  when: whenStates,
  repeat: repeatStates,
  attempt: attemptStates,
  block: (place, { body }, exit, { sequence }) => sequence(place, body, exit),
  wait: waitState,
  approval: approvalState,
  fail: failState,
};

const build: Build = { sequence: sequenceStates, machine: machineStates };

/**
 * Chains a sequence's nodes, from the last to the first. The value of a node is told in terms of what
 * the state that ends it has at hand; so the sequence's own value needs no state that moves it.
 */
export function sequenceStates(place: Place, { nodes, output }: Sequence, exit: Exit): Ending {
  let following: Ending | null = null;
  for (const node of nodes.toReversed()) {
    const after: Ending | null = following;
    const leave: Exit = (value) =>
      after
        ? passing(assignments(place.scope, node.id, value), after, node.id, value)
        : exit(substitute(output, node.id, value));
    const builder = builders[node.kind] as Builder<Node>;
    following = builder(place, node, leave, build);
  }
  return following ?? exit(output);
}

/**
 * A machine of its own. It starts with its first node's state; a Pass stands in front where something
 * has to be set before that (a loop's start), or where there is no state at all.
 */
export function machineStates(inner: Inner, states: (place: Place) => Ending): StateMachine {
  const { scope, frame, catchers, first, words, unsure = false } = inner;
  const machine = new Machine();
  const place: Place = { scope, frame, machine, catchers, first, unsure };
  const start = states(place);
  if (start.next !== null && start.assign.length === 0 && start.output === null) {
    return machine.written(start.next);
  }
  const name = scope.names.extra(`${frame.id}:start`, start.next === null ? 'return' : words);
  machine.add(name, { Type: 'Pass', ...endingFields(place, start, true) });
  return machine.written(name);
}
