import type { Branch, GatherNode, Sequence, Value } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import { template } from '../expression.ts';
import { deadlineOf } from '../names.ts';
import { type Ending, type Exit, type First, firstNode, type Place, readerAt } from '../place.ts';
import type { Scope } from '../scope.ts';
import { retryOf } from './call.ts';
import { deadlined, type Limit } from './deadline.ts';
import { type Settling, settled, unsettled } from './settle.ts';

/** A branch of a gather with what the gather's options make of it. */
export interface LimitedBranch {
  readonly key: string;
  readonly words: string;
  readonly body: Sequence;
  /** From the outermost to the innermost. */
  readonly limits: readonly Limit[];
  readonly settling: Settling;
}

export function branchesOf({ scope }: Place, node: GatherNode): readonly LimitedBranch[] {
  return node.branches.map((branch, index) => {
    const { key: name, body } = branch;
    const words = branchWords(scope, branch);
    const key = `${node.id}:${index}`;
    const slot = { key, words, name: literal(name), index: literal(index) };
    const settling = node.returnExceptions ? settled(slot) : unsettled;
    return { key, words, settling, ...limited(node, body) };
  });
}

/** What the states around a branch are called after: its only step, or its key. */
export function branchWords({ names }: Scope, { key, body }: Branch): string {
  const first = body.nodes[0];
  return first && body.nodes.length === 1 ? names.state(first.id) : key;
}

/** What starts the branch's machine. */
export function firstOf({ limits, body }: Pick<LimitedBranch, 'limits' | 'body'>): First {
  return limits.length > 0 ? 'builder' : firstNode(body);
}

/** The branch's own states, inside of as many deadlines as it has. */
export function branchStates(
  place: Place,
  branch: Omit<LimitedBranch, 'settling'>,
  exit: Exit,
  build: Build,
): Ending {
  const [limit, ...limits] = branch.limits;
  if (!limit) return build.sequence(place, branch.body, exit);
  const inside = { ...branch, limits };
  const key = `${branch.key}:${limits.length}`;
  const isFirst = place.first === 'builder';
  const deadline = { key, words: branch.words, limit, isFirst, first: firstOf(inside) };
  return deadlined(place, deadline, build, exit, (within, leave) =>
    branchStates(within, inside, leave, build),
  );
}

/** A branch's states, and the limits that no state of its own can have. */
export function limited(
  node: Pick<GatherNode, 'id' | 'timeoutSeconds' | 'branchTimeoutSeconds' | 'concurrency'>,
  body: Sequence,
): { readonly body: Sequence; readonly limits: readonly Limit[] } {
  const { timeoutSeconds: whole, branchTimeoutSeconds: each, concurrency } = node;
  const own: Limit[] = each === null ? [] : [{ error: 'States.Timeout', wait: { Seconds: each } }];
  if (whole === null) {
    const task = each === null ? null : limitedTask(body, each);
    if (task !== null) return { body: task, limits: [] };
    return { body: each === null ? body : endingWith(body, each), limits: own };
  }
  const shorter = Math.min(whole, each ?? whole);
  const within = endingWith(body, shorter);
  if (concurrency !== null) return { body: within, limits: [sharedDeadline(node), ...own] };
  // They start together: the shorter limit is the only one that can be met.
  if (each !== null && each <= whole) return { body: within, limits: own };
  return { body: within, limits: [{ error: 'Gather.Deadline', wait: { Seconds: whole } }] };
}

/**
 * In AWS a function runs on when nobody waits for it any more. So the calls of a branch end with its limit,
 * a second later, lest they take its error's place.
 */
function endingWith({ nodes, output }: Sequence, seconds: number): Sequence {
  return {
    nodes: nodes.map((node) =>
      node.kind === 'call'
        ? { ...node, timeoutSeconds: Math.min(node.timeoutSeconds, seconds + 1) }
        : node,
    ),
    output,
  };
}

/** Branches that start one by one are told the moment at which the whole is over. */
function sharedDeadline(node: Pick<GatherNode, 'id'>): Limit {
  const moment: Value = { kind: 'result', node: deadlineOf(node.id), path: [] };
  return {
    error: 'Gather.Deadline',
    wait: (place) => ({ Timestamp: template(moment, readerAt(place, false)) }),
  };
}

/** A task that is not retried has a limit of its own: its state's TimeoutSeconds. */
function limitedTask({ nodes, output }: Sequence, seconds: number): Sequence | null {
  const [call, ...more] = nodes;
  if (call?.kind !== 'call' || more.length > 0 || call.target.kind !== 'task') return null;
  if (retryOf(call).some(({ MaxAttempts }) => MaxAttempts > 0)) return null;
  const timeoutSeconds = Math.min(call.timeoutSeconds, seconds);
  return { nodes: [{ ...call, timeoutSeconds }], output };
}

function literal(value: string | number): Value {
  return { kind: 'literal', value };
}
