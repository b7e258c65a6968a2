import { runInputNode } from '../../lib/asl/ledger.ts';
import type {
  EachNode,
  GatherNode,
  Graph,
  Node,
  QuorumNode,
  RaceNode,
  RepeatNode,
  Sequence,
  Value,
} from '../../lib/workflow/graph.ts';

/**
 * What a graph means, without any document: each node's value or failure, and when it is there. Times
 * are milliseconds. A call, and an execution, is one
 * of the tests' only function: `{ value, after, fail }`.
 */
export type Result =
  | { readonly at: number; readonly ok: true; readonly value: unknown }
  | {
      readonly at: number;
      readonly ok: false;
      readonly error: string;
      readonly cause: string;
      /** What Step Functions calls it, where it is told by another name: an execution's failure. */
      readonly raw?: string;
    };

type Env = ReadonlyMap<number, unknown>;

export function interpret(graph: Graph, input: unknown): Result {
  return sequence(graph.body, new Map([[runInputNode, input]]), 0);
}

function sequence({ nodes, output }: Sequence, env: Env, start: number): Result {
  let at = start;
  let known = env;
  for (const node of nodes) {
    const result = nodeResult(node, known, at);
    if (!result.ok) return result;
    known = new Map([...known, [node.id, result.value]]);
    at = result.at;
  }
  return { at, ok: true, value: dataOf(output, known) };
}

function nodeResult(node: Node, env: Env, at: number): Result {
  switch (node.kind) {
    case 'call':
      return called(dataOf(node.payload, env), at);
    case 'wait':
      return { at: at + Number(dataOf(node.seconds, env)) * 1000, ok: true, value: null };
    case 'approval':
      throw new Error('The interpreter does not know approvals.');
    case 'fail':
      return { at, ok: false, error: node.error, cause: String(dataOf(node.cause, env)) };
    case 'when': {
      const taken = node.cases.find(({ condition }) => dataOf(condition, env) === true);
      return sequence(taken?.body ?? node.otherwise, env, at);
    }
    case 'attempt': {
      const result = sequence(node.body, env, at);
      if (result.ok) return result;
      const { error, cause, raw = error } = result;
      if (!node.errors.includes('States.ALL') && !node.errors.includes(raw)) return result;
      const inside = new Map([...env, [node.failure, { error, cause }]]);
      return sequence(node.handler, inside, result.at);
    }
    case 'execution': {
      const result = called(dataOf(node.input, env), at);
      return result.ok ? result : { ...result, raw: 'States.TaskFailed' };
    }
    case 'block':
      return sequence(node.body, env, at);
    case 'repeat':
      return repeated(node, env, at);
    case 'race':
      return raced(node, env, at);
    case 'quorum':
      return quorate(node, env, at);
    case 'gather':
      return gathered(node, env, at);
    case 'each':
      return mapped(node, env, at);
  }
}

function called(payload: unknown, at: number): Result {
  const { value = null, after = 0, fail } = payload as Call;
  const done = at + after * 1000;
  if (fail === undefined) return { at: done, ok: true, value };
  return { at: done, ok: false, error: fail, cause: `because of ${JSON.stringify(value)}` };
}

interface Call {
  readonly value?: unknown;
  readonly after?: number;
  readonly fail?: string;
}

function repeated(node: RepeatNode, env: Env, start: number): Result {
  if (node.between) throw new Error('The interpreter does not know loops of two parts.');
  let result: Result = { at: start, ok: true, value: dataOf(node.start, env) };
  for (let turn = 0; turn < node.most; turn += 1) {
    const inside = new Map([...env, [node.value, result.value], [node.turn, turn]]);
    result = sequence(node.body, inside, result.at);
    if (!result.ok) return result;
    const after = new Map([...env, [node.value, result.value], [node.turn, turn + 1]]);
    if (dataOf(node.until, after) === true) break;
  }
  return result;
}

function raced(node: RaceNode, env: Env, start: number): Result {
  const settled = node.branches.map(({ key, body }, index) => ({
    key,
    index,
    result: sequence(body, env, start),
  }));
  const eligible = node.wins === 'settled' ? settled : settled.filter(({ result }) => result.ok);
  const [first] = eligible.toSorted((a, b) => a.result.at - b.result.at);
  const over = node.timeoutSeconds === null ? Infinity : start + node.timeoutSeconds * 1000;
  if (!first) {
    const at = Math.max(...settled.map(({ result }) => result.at));
    if (at > over) return late(over, 'Gather.Deadline');
    return gatherFailed(at, settled.map(reasonOf));
  }
  if (first.result.at > over) return late(over, 'Gather.Deadline');
  const { result, key, index } = first;
  if (!result.ok) return result;
  return { at: result.at, ok: true, value: { name: key, index, value: result.value } };
}

function quorate(node: QuorumNode, env: Env, start: number): Result {
  const over = node.timeoutSeconds === null ? Infinity : start + node.timeoutSeconds * 1000;
  const limit = start + (node.branchTimeoutSeconds ?? Infinity) * 1000;
  const slots = node.branches.map(({ key, body }, index): Slot => {
    const result = sequence(body, env, start);
    return { key, index, result: result.at > limit ? late(limit, 'States.Timeout') : result };
  });
  const settled: Slot[] = [];
  for (const slot of slots.toSorted((a, b) => a.result.at - b.result.at)) {
    const { at } = slot.result;
    // A branch that is too late in the moment of the deadline: the whole is, too.
    if (at > over || (at === over && limit === over)) break;
    settled.push(slot);
    const failed = settled.filter(({ result }) => !result.ok).toSorted((a, b) => a.index - b.index);
    if (failed.length > slots.length - node.needed) return gatherFailed(at, failed.map(reasonOf));
    if (settled.length - failed.length < node.needed) continue;
    const values = slots.map((each) => slotOf(settled.includes(each) ? each : stopped(each)));
    const record = Object.fromEntries(slots.map(({ key, index }) => [key, values[index]]));
    return { at, ok: true, value: node.shape === 'tuple' ? values : record };
  }
  return late(over, 'Gather.Deadline');
}

function stopped({ key, index }: Slot): Slot {
  const failure = { error: 'Gather.Stopped', cause: 'The quorum was met.' };
  return { key, index, result: { at: 0, ok: false, ...failure } };
}

interface Slot {
  readonly key: string;
  readonly index: number;
  readonly result: Result;
}

function gathered(node: GatherNode, env: Env, start: number): Result {
  const over = node.timeoutSeconds === null ? Infinity : start + node.timeoutSeconds * 1000;
  const limit = (node.branchTimeoutSeconds ?? Infinity) * 1000;
  const slots = scheduled(node.branches.length, node.concurrency, start, (index, at) => {
    const result = sequence(node.branches[index]!.body, env, at);
    const inTime = result.at > at + limit ? late(at + limit, 'States.Timeout') : result;
    return inTime.at > over ? late(Math.max(at, over), 'Gather.Deadline') : inTime;
  }).map((result, index) => ({ key: node.branches[index]!.key, index, result }));
  const joined = join(slots, node, start);
  if (!joined.ok || node.shape === 'tuple') return joined;
  const values = joined.value as unknown[];
  const record = Object.fromEntries(node.branches.map(({ key }, index) => [key, values[index]]));
  return { ...joined, value: record };
}

function mapped(node: EachNode, env: Env, start: number): Result {
  if (!node.items || node.batch || node.writer) {
    throw new Error('The interpreter does not know S3, nor batches.');
  }
  const items = dataOf(node.items, env) as unknown[];
  const slots = scheduled(items.length, node.concurrency, start, (index, at) =>
    sequence(node.body, new Map([...env, [node.item, items[index]], [node.index, index]]), at),
  ).map((result, index) => ({ key: String(index), index, result }));
  const joined = join(slots, node, start);
  if (joined.ok || !node.distributed || node.returnExceptions) return joined;
  const error = 'States.ExceedToleratedFailureThreshold';
  const cause = 'The specified tolerated failure threshold was exceeded';
  return { at: joined.at, ok: false, error, cause };
}

/** Each starts when a place is free; which failure comes first does not hang on what starts after it. */
function scheduled(
  count: number,
  concurrency: number | null,
  start: number,
  run: (index: number, at: number) => Result,
): Result[] {
  const free = Array.from({ length: Math.min(count, concurrency ?? count) }, () => start);
  return Array.from({ length: count }, (_, index) => {
    const place = free.indexOf(Math.min(...free));
    const result = run(index, free[place] ?? start);
    free[place] = result.at;
    return result;
  });
}

function join(slots: readonly Slot[], node: GatherNode | EachNode, start: number): Result {
  const at = Math.max(start, ...slots.map(({ result }) => result.at));
  if (!node.returnExceptions) {
    const failed = slots.filter(({ result }) => !result.ok);
    const [first] = failed.toSorted((a, b) => a.result.at - b.result.at);
    if (first) return first.result;
    return { at, ok: true, value: slots.map(({ result }) => result.ok && result.value) };
  }
  const rejected = slots.filter(({ result }) => !result.ok);
  const { tolerate } = node;
  const most =
    tolerate === null
      ? Infinity
      : 'count' in tolerate
        ? tolerate.count
        : (tolerate.percentage * slots.length) / 100;
  if (rejected.length > most) return gatherFailed(at, rejected.map(reasonOf));
  return { at, ok: true, value: slots.map(slotOf) };
}

function slotOf(slot: Slot): object {
  return slot.result.ok
    ? { status: 'fulfilled', value: slot.result.value }
    : { status: 'rejected', reason: reasonOf(slot) };
}

function reasonOf({ key: name, index, result }: Slot): object {
  const { error, cause } = result as Result & { ok: false };
  return { error, cause, name, index };
}

function gatherFailed(at: number, reasons: readonly object[]): Result {
  const told = reasons.map((reason) => ({
    ...reason,
    cause: (reason as { cause: string }).cause.slice(0, 300),
  }));
  const cause = JSON.stringify(told.map(({ cause, ...rest }) => orderly(rest, cause)));
  return { at, ok: false, error: 'GatherFailed', cause };
}

function orderly(reason: object, cause: string): object {
  const { error, name, index } = reason as { error: string; name: string; index: number };
  return { error, cause, name, index };
}

function late(at: number, error: string): Result {
  return { at, ok: false, error, cause: 'It was not done in time.' };
}

/** What a value is, once what it reads is known. */
export function dataOf(value: Value, env: Env): unknown {
  switch (value.kind) {
    case 'literal':
      return value.value;
    case 'object':
      return Object.fromEntries(value.entries.map(([key, child]) => [key, dataOf(child, env)]));
    case 'array':
      return value.items.map((item) => dataOf(item, env));
    case 'concat':
      return value.parts.map((part) => text(dataOf(part, env))).join('');
    case 'input':
      return at(env.get(runInputNode), value.path);
    case 'result':
      return at(env.get(value.node), value.path);
    case 'operation': {
      const [a, b] = value.operands.map((operand) => dataOf(operand, env));
      return operations[value.operator]?.(a, b);
    }
    case 'jsonata':
      throw new Error('The interpreter does not know JSONata.');
  }
}

const operations: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  eq: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  ne: (a, b) => JSON.stringify(a) !== JSON.stringify(b),
  lt: (a, b) => (a as number) < (b as number),
  gte: (a, b) => (a as number) >= (b as number),
  and: (a, b) => a === true && b === true,
  or: (a, b) => a === true || b === true,
  not: (a) => a !== true,
  exists: (a) => a !== undefined && a !== null,
};

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | null | undefined)?.[key],
    value,
  );
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
