import type { Branch, QuorumNode, Value } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { Frame } from '../frame.ts';
import { own, resultHand } from '../hand.ts';
import type { State, StateMachine } from '../machine.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  leadingFields,
  type Place,
} from '../place.ts';
import { branchStates, branchWords, firstOf, limited } from './branch.ts';
import { deadlined, timerMachine } from './deadline.ts';
import { fulfilledSlot, rejectedSlot, rejecting } from './settle.ts';
import {
  countFailure,
  countSuccess,
  decide,
  isTallied,
  readReasons,
  readSlots,
  refused,
  slotsOf,
} from './tally.ts';
import { reasonsText } from './tolerance.ts';

/** The error by which a branch tells that the quorum is met, and with it ends its siblings. */
const met = 'Gather.Met';

/** What is built of one branch. */
interface Slot {
  readonly key: string;
  readonly words: string;
  readonly name: Value;
  readonly index: Value;
  readonly position: number;
}

/**
 * A quorum is a Parallel whose branches count themselves in a row of the run table; the one that
 * decides ends it through a Fail, and the slots are read from the row.
 */
export function quorumStates(place: Place, node: QuorumNode, exit: Exit, build: Build): Ending {
  if (!isTallied(node)) return unanimous(place, node, exit, build);
  const { names } = place.scope;
  const name = names.state(node.id);
  const isFirst = place.first === node.id;
  const slots = names.extra(`${node.id}:slots`, `${name} slots`);
  const after = { ...place, first: null };
  place.machine.add(slots, {
    ...readSlots({ node, place: after }),
    ...catchField(after, false),
    ...endingFields(after, exit(slotsOf(node)), false, resultHand),
  });
  const toSlots = { next: slots, assign: [], output: null };
  const resting = { key: '', words: '' };
  const isMet = { ErrorEquals: [met], ...leadingFields(place, toSlots, resting, isFirst) };
  const branches = node.branches.map((branch, index) =>
    branchMachine(place, node, branch, index, build, countedStates),
  );
  place.machine.add(name, {
    Type: 'Parallel',
    Branches: node.timeoutSeconds === null ? branches : [...branches, timerOf(place, node)],
    ...catchField(place, isFirst, [isMet]),
    End: true,
  });
  return { next: name, assign: [], output: null };
}

/** Where all are needed nobody counts: the first failure is that of the whole. */
function unanimous(place: Place, node: QuorumNode, exit: Exit, build: Build): Ending {
  const { timeoutSeconds: seconds, id } = node;
  if (seconds === null) return joined(place, node, exit, build);
  const words = place.scope.names.state(id);
  const limit = { error: 'Gather.Deadline', wait: { Seconds: seconds } };
  const isFirst = place.first === id;
  const deadline = { key: `${id}:whole`, words, limit, isFirst, first: id };
  return deadlined(place, deadline, build, exit, (within, leave) =>
    joined(within, node, leave, build),
  );
}

function joined(place: Place, node: QuorumNode, exit: Exit, build: Build): Ending {
  const name = place.scope.names.state(node.id);
  const isFirst = place.first === node.id;
  const { shape, branches } = node;
  const value: Value =
    shape === 'tuple'
      ? own()
      : { kind: 'object', entries: branches.map(({ key }, at) => [key, own(at)] as const) };
  const fields = {
    ...catchField(place, isFirst),
    ...endingFields(place, exit(value), isFirst, resultHand),
  };
  place.machine.add(name, {
    Type: 'Parallel',
    Branches: branches.map((branch, index) =>
      branchMachine(place, node, branch, index, build, failingStates),
    ),
    ...fields,
  });
  return { next: name, assign: [], output: null };
}

/** The states that take a branch's value, and those that take its failure. */
type Ends = (place: Place, node: QuorumNode, slot: Slot) => Ended;

interface Ended {
  /** Where a success leads; null: the branch ends with its slot. */
  readonly success: string | null;
  /** Where a failure leads, and what is handed on. */
  readonly failure: string;
  readonly shape: (reason: Value) => Value;
}

function branchMachine(
  place: Place,
  node: QuorumNode,
  branch: Branch,
  position: number,
  build: Build,
  ends: Ends,
): StateMachine {
  const { scope } = place;
  const words = branchWords(scope, branch);
  const key = `${node.id}:${position}`;
  const name: Value = { kind: 'literal', value: branch.key };
  const slot: Slot = { key, words, name, index: { kind: 'literal', value: position }, position };
  const alone = { ...node, timeoutSeconds: null, concurrency: null };
  const inside = { key, words, ...limited(alone, branch.body) };
  const frame = new Frame(scope, place.frame, { sameInput: place.first === node.id });
  const first = firstOf(inside);
  const inner = {
    scope,
    unsure: place.unsure,
    frame,
    catchers: [],
    first,
    words: `${words} start`,
  };
  return build.machine(inner, (within) => {
    const { success, failure, shape } = ends({ ...within, first: null }, node, slot);
    const catchers = [rejecting(slot, shape, failure)];
    const leave: Exit = (value) => ({ next: success, assign: [], output: fulfilledSlot(value) });
    return branchStates({ ...within, catchers }, inside, leave, build);
  });
}

const failingStates: Ends = ({ scope, machine }, _node, { key, words }) => {
  const failure = scope.names.extra(`${key}:lost`, `${words} lost`);
  machine.add(failure, {
    Type: 'Fail',
    Error: 'GatherFailed',
    Cause: `{% ${reasonsText('$states.input')} %}`,
  });
  return { success: null, failure, shape: (reason) => reason };
};

/**
 * A success counts itself, or finds that it is the one that was missing, keeps its slot and ends the
 * quorum; a failure likewise, and tells all reasons.
 */
const countedStates: Ends = (place, node, { key, words, position }) => {
  const { scope, machine } = place;
  const tally = { node, place };
  const add = (part: string, wish: string, state: State): string => {
    const name = scope.names.extra(`${key}:${part}`, `${words} ${wish}`);
    machine.add(name, state);
    return name;
  };
  const counted = { Output: {}, End: true };
  const lost = add('lost', 'lost', {
    Type: 'Fail',
    Error: 'GatherFailed',
    Cause: '{% $states.input %}',
  });
  const reasons = add('reasons', 'reasons', { ...readReasons(tally), Next: lost });
  const failure = add('failed', 'failed', {
    ...countFailure(tally, position),
    Catch: otherwise(reasons),
    ...counted,
  });
  const done = add('met', 'met', { Type: 'Fail', Error: met, Cause: 'The quorum is met.' });
  const last = add('last', 'decides', {
    ...decide(tally, position),
    Catch: otherwise(done),
    Output: { status: 'fulfilled' },
    Next: done,
  });
  const success =
    node.needed === 1
      ? last
      : add('counts', 'counts', {
          ...countSuccess(tally, position),
          Catch: otherwise(last),
          ...counted,
        });
  return { success, failure, shape: rejectedSlot };
};

/** Where a refused update leads, with the slot. */
function otherwise(next: string): State[] {
  return [{ ErrorEquals: [refused], Output: '{% $states.input %}', Next: next }];
}

function timerOf({ scope }: Place, { id, timeoutSeconds }: QuorumNode): StateMachine {
  const names = { key: String(id), words: scope.names.state(id) };
  return timerMachine(scope, names, 'Gather.Deadline', { Seconds: timeoutSeconds });
}
