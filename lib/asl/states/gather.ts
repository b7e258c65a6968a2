import type { Json } from '../../json.ts';
import type { Branch, GatherNode, Value } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { template } from '../expression.ts';
import { Frame } from '../frame.ts';
import { own, resultHand } from '../hand.ts';
import type { State, StateMachine } from '../machine.ts';
import { deadlineOf } from '../names.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  firstNode,
  leadingFields,
  type Place,
  readerAt,
} from '../place.ts';
import { deadlined, type Limit } from './deadline.ts';
import { type Settling, type Slot, settled, unsettled } from './settle.ts';
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
      : { Type: 'Map', ...oneByOne(place, node, node.concurrency, build) };
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
  return node.branches.map((branch, index) => {
    const { scope } = place;
    const frame = new Frame(scope, place.frame, { sameInput: isFirst });
    const words = wordsOf(place, branch);
    const limits = limitsOf(node);
    const { catchers, exit } = settlingOf(node, branch, index, words);
    const first = limits.length === 0 ? firstNode(branch.body) : 'builder';
    const inner = { scope, frame, catchers, first, words: `${words} start` };
    return build.machine(inner, (within) =>
      branchStates(within, node, index, { words, limits, exit }, build),
    );
  });
}

/** One machine for all branches: each iteration chooses its branch by its number. */
function oneByOne(
  place: Place,
  node: GatherNode,
  concurrency: number,
  build: Build,
): { readonly [field: string]: Json } {
  const { scope } = place;
  const words = scope.names.state(node.id);
  const whole = node.timeoutSeconds;
  const index = whole === null ? '$states.input' : '$states.input.index';
  const given = new Map([[deadlineOf(node.id), () => '$states.input.deadline']]);
  const frame = new Frame(scope, place.frame, { given });
  const inner = { scope, frame, catchers: [], first: null, words };
  const machine = build.machine(inner, (within) => {
    const name = scope.names.extra(`${node.id}:branch`, `${words} branch`);
    const endings = node.branches
      .map((branch, at): readonly [number, Branch] => [at, branch])
      .toReversed()
      .map(([at, branch]) => {
        const branchWords = wordsOf(place, branch);
        const { catchers, exit } = settlingOf(node, branch, at, branchWords);
        const limits = limitsOf(node);
        const end = { words: branchWords, limits, exit };
        const ending = branchStates({ ...within, catchers }, node, at, end, build);
        const resting = { key: `${node.id}:${at}:empty`, words: `${branchWords} done` };
        return leadingFields(within, ending, resting, true);
      })
      .toReversed();
    const { Next, ...otherwise } = endings.at(-1) ?? {};
    within.machine.add(name, {
      Type: 'Choice',
      Choices: endings
        .slice(0, -1)
        .map((ending, at) => ({ Condition: `{% ${index} = ${at} %}`, ...ending })),
      Default: Next ?? '',
      ...otherwise,
    });
    return { next: name, assign: [], output: null };
  });
  return {
    Items: node.branches.map((_, at) => at),
    ...(whole === null ? {} : { ItemSelector: withDeadline(whole) }),
    MaxConcurrency: concurrency,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...machine },
  };
}

/** Every branch is told when the whole is over, since they do not start together. */
function withDeadline(timeoutSeconds: number): Json {
  const entered = '$toMillis($states.context.State.EnteredTime)';
  return {
    index: '{% $states.context.Map.Item.Value %}',
    deadline: `{% $fromMillis(${entered} + ${timeoutSeconds * 1000}) %}`,
  };
}

interface BranchEnd {
  readonly words: string;
  readonly limits: readonly Limit[];
  readonly exit: Exit;
}

/** The branch's own states, inside of as many deadlines as it has. */
function branchStates(
  place: Place,
  node: GatherNode,
  index: number,
  { words, limits, exit }: BranchEnd,
  build: Build,
): Ending {
  const body = node.branches[index]?.body;
  if (!body) return exit(own());
  const [limit, ...inner] = limits;
  if (!limit) return build.sequence(place, body, exit);
  const key = `${node.id}:${index}:${limits.length}`;
  const first = inner.length === 0 ? firstNode(body) : 'builder';
  const isFirst = place.first === 'builder';
  return deadlined(place, { key, words, limit, isFirst, first }, build, exit, (within, leave) =>
    branchStates(within, node, index, { words, limits: inner, exit: leave }, build),
  );
}

/** The deadlines of each branch, the outermost first. */
function limitsOf(node: GatherNode): readonly Limit[] {
  const { timeoutSeconds, branchTimeoutSeconds, concurrency } = node;
  const each: Limit | null =
    branchTimeoutSeconds === null
      ? null
      : { error: 'States.Timeout', wait: { Seconds: branchTimeoutSeconds } };
  if (timeoutSeconds === null) return each ? [each] : [];
  if (concurrency === null) {
    // They start together: the shorter one is the only one that can be met.
    const whole: Limit = { error: 'Gather.Deadline', wait: { Seconds: timeoutSeconds } };
    return [each && (branchTimeoutSeconds ?? 0) <= timeoutSeconds ? each : whole];
  }
  const deadline: Value = { kind: 'result', node: deadlineOf(node.id), path: [] };
  const whole: Limit = {
    error: 'Gather.Deadline',
    wait: (place) => ({ Timestamp: template(deadline, readerAt(place, false)) }),
  };
  return each ? [whole, each] : [whole];
}

function settlingOf(node: GatherNode, branch: Branch, index: number, words: string): Settling {
  if (!node.returnExceptions) return unsettled;
  const slot: Slot = {
    name: { kind: 'literal', value: branch.key },
    index: { kind: 'literal', value: index },
    key: `${node.id}:${index}`,
    words,
  };
  return settled(slot);
}

/** What the states around a branch are called after: its only step, or its key. */
function wordsOf({ scope }: Place, { key, body }: Branch): string {
  const first = body.nodes[0];
  return first && body.nodes.length === 1 ? scope.names.state(first.id) : key;
}
