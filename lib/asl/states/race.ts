import type { Branch, RaceNode, Value } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { Frame } from '../frame.ts';
import { resultHand, winner } from '../hand.ts';
import type { StateMachine } from '../machine.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  firstNode,
  type Place,
  raise,
} from '../place.ts';
import { branchWords } from './branch.ts';
import { deadlined, timerMachine } from './deadline.ts';
import { rejecting } from './settle.ts';
import { reasonsText } from './tolerance.ts';
import { winCatch, winExit } from './win.ts';

const deadlineError = 'Gather.Deadline';

/**
 * `any` and `race` are a Parallel that the winner ends through a Fail. Of `any`, a branch that fails
 * ends with its reason; so the Parallel is done only when all have failed.
 */
export function raceStates(place: Place, node: RaceNode, exit: Exit, build: Build): Ending {
  const seconds = node.timeoutSeconds;
  if (node.wins === 'settled' || seconds === null) return parallel(place, node, exit, build);
  const words = place.scope.names.state(node.id);
  const limit = { error: deadlineError, wait: { Seconds: seconds } };
  const isFirst = place.first === node.id;
  const deadline = { key: `${node.id}:whole`, words, limit, isFirst, first: node.id };
  return deadlined(place, deadline, build, exit, (within, leave) =>
    parallel(within, node, leave, build),
  );
}

function parallel(place: Place, node: RaceNode, exit: Exit, build: Build): Ending {
  const { scope } = place;
  const name = scope.names.state(node.id);
  const isFirst = place.first === node.id;
  const winning = { key: String(node.id), words: name };
  const lost = node.wins === 'success' ? allFailed(place, node) : null;
  const fields = {
    ...catchField(place, isFirst, [winCatch(place, winning, exit, isFirst, winner())]),
    ...(lost ? endingFields(place, lost, isFirst, resultHand) : { End: true }),
  };
  const branches = node.branches.map((branch, index) =>
    branchMachine(place, node, branch, index, isFirst, build),
  );
  const timer = node.wins === 'settled' && node.timeoutSeconds !== null;
  place.machine.add(name, {
    Type: 'Parallel',
    Branches: timer ? [...branches, timerOf(place, node)] : branches,
    ...fields,
  });
  return { next: name, assign: [], output: null };
}

function branchMachine(
  place: Place,
  node: RaceNode,
  branch: Branch,
  index: number,
  isFirst: boolean,
  build: Build,
): StateMachine {
  const { scope } = place;
  const { key, body } = branch;
  const words = branchWords(scope, branch);
  const at = { key: `${node.id}:${index}`, words };
  const name: Value = { kind: 'literal', value: key };
  const position: Value = { kind: 'literal', value: index };
  const slot = { ...at, name, index: position };
  const catchers = node.wins === 'success' ? [rejecting(slot, (reason) => reason)] : [];
  const frame = new Frame(scope, place.frame, { sameInput: isFirst });
  const inner = {
    scope,
    unsure: place.unsure,
    frame,
    catchers,
    first: firstNode(body),
    words: `${words} start`,
  };
  return build.machine(inner, (within) => {
    const won = winExit(within, at, [
      ['name', name],
      ['index', position],
    ]);
    return build.sequence(within, body, won);
  });
}

function allFailed(place: Place, node: RaceNode): Ending {
  const words = place.scope.names.state(node.id);
  const reasons = reasonsText('$states.result');
  const cause: Value = { kind: 'jsonata', texts: [reasons], values: [], path: [] };
  return raise(place, 'GatherFailed', cause, {
    key: `${node.id}:failed`,
    words: `${words} failed`,
  });
}

/** Of a race the deadline is one more branch: whatever settles first ends it. */
function timerOf({ scope }: Place, { id, timeoutSeconds }: RaceNode): StateMachine {
  const names = { key: String(id), words: scope.names.state(id) };
  return timerMachine(scope, names, deadlineError, { Seconds: timeoutSeconds });
}
