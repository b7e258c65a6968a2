import type { Json } from '../../json.ts';
import type { GatherNode, Value } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { Frame } from '../frame.ts';
import { own, resultHand } from '../hand.ts';
import type { State, StateMachine } from '../machine.ts';
import { deadlineOf } from '../names.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  leadingFields,
  type Place,
} from '../place.ts';
import { branchesOf, branchStates, firstOf, type LimitedBranch } from './branch.ts';
import { passedOn } from './item-selector.ts';
import { counted } from './tolerance.ts';

/** A gather is a Parallel; with a `concurrency`, a Map over the branches' positions. */
export function gatherStates(place: Place, node: GatherNode, exit: Exit, build: Build): Ending {
  const name = place.scope.names.state(node.id);
  const isFirst = place.first === node.id;
  const slots = node.shape === 'record' && node.tolerate ? '$states.input.*' : '$states.input';
  const onward = counted(place, node, slots, exit);
  const fields = {
    ...catchField(place, isFirst),
    ...endingFields(place, onward(resultOf(node)), isFirst, resultHand),
  };
  const branches: State =
    node.concurrency === null
      ? { Type: 'Parallel', Branches: parallelBranches(place, node, isFirst, build) }
      : { Type: 'Map', ...oneByOne(place, node, isFirst, build) };
  place.machine.add(name, { ...branches, ...fields });
  return { next: name, assign: [], output: null };
}

/** Parallel and Map give a list; a record's slot is found by its position. */
function resultOf({ shape, branches }: GatherNode): Value {
  if (shape === 'tuple') return own();
  return { kind: 'object', entries: branches.map(({ key }, index) => [key, own(index)] as const) };
}

function parallelBranches(
  place: Place,
  node: GatherNode,
  isFirst: boolean,
  build: Build,
): StateMachine[] {
  const { scope } = place;
  return branchesOf(place, node).map((branch) => {
    const { catchers, exit } = branch.settling;
    const frame = new Frame(scope, place.frame, { sameInput: isFirst });
    const words = `${branch.words} start`;
    const inner = { scope, unsure: place.unsure, frame, catchers, first: firstOf(branch), words };
    return build.machine(inner, (within) => branchStates(within, branch, exit, build));
  });
}

/** One machine for all branches: each iteration chooses its branch by its number. */
function oneByOne(
  place: Place,
  node: GatherNode,
  isFirst: boolean,
  build: Build,
): { readonly [field: string]: Json } {
  const { scope } = place;
  const words = scope.names.state(node.id);
  const given = new Map([[deadlineOf(node.id), () => '$states.input.deadline']]);
  const isAlone = scope.requests(scope.peekFrame()).length === 0;
  const frame = new Frame(scope, place.frame, { given, handedOn: isFirst });
  const branches = branchesOf(place, node);
  const inner = { scope, unsure: place.unsure, frame, catchers: [], first: null, words };
  const machine = build.machine(inner, (within) => {
    const name = scope.names.extra(`${node.id}:branch`, `${words} branch`);
    // The states of the last branch first, as everywhere.
    const rules = branches
      .toReversed()
      .map((branch) => branchRule(within, branch, build))
      .toReversed();
    const { Next, ...last } = rules.at(-1) ?? {};
    const index = isAlone ? '$states.input' : '$states.input.index';
    const choices = rules
      .slice(0, -1)
      .map((rule, at) => ({ Condition: `{% ${index} = ${at} %}`, ...rule }));
    within.machine.add(name, { Type: 'Choice', Choices: choices, Default: Next ?? '', ...last });
    return { next: name, assign: [], output: null };
  });
  return {
    Items: node.branches.map((_, at) => at),
    ...(isAlone ? {} : { ItemSelector: selector(place, node, frame, isFirst) }),
    MaxConcurrency: node.concurrency,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...machine },
  };
}

function branchRule(place: Place, branch: LimitedBranch, build: Build): State {
  const { catchers, exit } = branch.settling;
  const ending = branchStates({ ...place, catchers }, branch, exit, build);
  const resting = { key: `${branch.key}:empty`, words: `${branch.words} done` };
  return leadingFields(place, ending, resting, true);
}

/** The branch's number, the moment at which the whole is over, and what the branches read. */
function selector(place: Place, node: GatherNode, frame: Frame, isFirst: boolean): Json {
  const entered = '$toMillis($states.context.State.EnteredTime)';
  const moment = `{% $fromMillis(${entered} + ${(node.timeoutSeconds ?? 0) * 1000}) %}`;
  const passed = passedOn(place, frame, isFirst, [[deadlineOf(node.id), ['deadline', moment]]]);
  return { index: '{% $states.context.Map.Item.Value %}', ...(passed as State) };
}
