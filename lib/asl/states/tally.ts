import type { Json, JsonObject } from '../../json.ts';
import type { QuorumNode, Value } from '../../workflow/graph.ts';
import { resourceMark } from '../document.ts';
import { template } from '../expression.ts';
import { jsonataString } from '../literal.ts';
import type { State } from '../machine.ts';
import { type Place, readerAt } from '../place.ts';
import { toldReason } from './tolerance.ts';

/**
 * The row by which the branches of a quorum know of each other
 * (docs/decisions/2026-11-22-tally.md). Its attributes:
 * - `won`, `lost`: who has succeeded, by position, and who has failed, by reason. Sets, since to put
 *   something into a set twice is to put it there once: an update can be repeated.
 * - `decided`: the branch with which the quorum was met.
 * - `s0`, `s1`, ...: the branches' slots, as JSON text.
 */
export interface Tally {
  readonly node: QuorumNode;
  /** The place of the quorum, or one inside of it: where the row is asked for. */
  readonly place: Place;
}

/** Whether the branches have to count: where all are needed, the first failure decides. */
export function isTallied({ needed, branches }: QuorumNode): boolean {
  return needed < branches.length;
}

/** A Standard execution lasts a year at most and can be redriven for 14 days after (AWS: quotas). */
const keptSeconds = (365 + 14) * 24 * 60 * 60;

export const refused = 'DynamoDB.ConditionalCheckFailedException';

/** A condition that does not hold will not hold later; what else goes wrong may pass. */
const retry: Json = [
  { ErrorEquals: [refused], MaxAttempts: 0 },
  {
    ErrorEquals: ['States.TaskFailed'],
    IntervalSeconds: 1,
    MaxAttempts: 4,
    BackoffRate: 2,
    JitterStrategy: 'FULL',
  },
];

/** Counts a success while more than one is missing; refused, it is the one that was missing. */
export function countSuccess(tally: Tally, index: number): State {
  return update(tally, index, {
    expression: 'ADD won :me',
    condition: unlessFull('won', ':most', ':index'),
    values: {
      ':me': { NS: [String(index)] },
      ':index': { N: String(index) },
      ':most': { N: String(tally.node.needed - 1) },
    },
  });
}

/** Keeps the slot of the success that was missing; refused, another was it. */
export function decide(tally: Tally, index: number): State {
  return update(tally, index, {
    expression: ', decided = :index',
    condition: 'attribute_not_exists(decided) OR decided = :index',
    values: { ':index': { N: String(index) } },
  });
}

/** Counts a failure while the quorum can bear it; refused, the quorum is out of reach. */
export function countFailure(tally: Tally, index: number): State {
  const { needed, branches } = tally.node;
  const told = `{% $string(${toldReason('$states.input.reason')}) %}`;
  return update(tally, index, {
    expression: 'ADD lost :me',
    condition: unlessFull('lost', ':most', ':reason'),
    values: {
      ':me': { SS: [told] },
      ':reason': { S: told },
      ':most': { N: String(branches.length - needed) },
    },
  });
}

/** Gives the JSON list of all reasons, this branch's too, in the order of the branches. */
export function readReasons(tally: Tally): State {
  const own = toldReason('$states.input.reason');
  const all = `$append($states.result.Item.lost.SS.$parse($), ${own})^(index)`;
  return {
    ...read(tally, { ProjectionExpression: 'lost' }),
    Output: `{% $substring($string([${all}]), 0, 32768) %}`,
  };
}

/** The slots, from what `readSlots` gives. */
export function slotsOf({ shape, branches }: QuorumNode): Value {
  const slots = branches.map(({ key }, index) => slotText(key, index));
  if (shape === 'tuple') return { kind: 'array', items: slots };
  return { kind: 'object', entries: branches.map(({ key }, at) => [key, slots[at]!] as const) };
}

function slotText(key: string, index: number): Value {
  const item = `$states.result.Item.s${index}`;
  const stopped = `{ 'error': 'Gather.Stopped', 'cause': 'The quorum was met.', 'name': ${jsonataString(key)}, 'index': ${index} }`;
  const text = `$exists(${item}) ? $parse(${item}.S) : { 'status': 'rejected', 'reason': ${stopped} }`;
  return { kind: 'jsonata', texts: [text], values: [], path: [] };
}

export function readSlots(tally: Tally): State {
  return read(tally, {});
}

interface Update {
  /** What follows `SET <slot>, expires = :expires`. */
  readonly expression: string;
  readonly condition: string;
  readonly values: JsonObject;
}

/** The state's input is the slot. */
function update(tally: Tally, index: number, { expression, condition, values }: Update): State {
  const set = `SET s${index} = :slot, expires = :expires`;
  const seconds = `$floor($toMillis($states.context.Execution.StartTime) / 1000) + ${keptSeconds}`;
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::dynamodb:updateItem',
    Arguments: {
      ...row(tally),
      UpdateExpression: expression.startsWith(',') ? set + expression : `${set} ${expression}`,
      ConditionExpression: condition,
      ExpressionAttributeValues: {
        ':slot': { S: '{% $string($states.input) %}' },
        ':expires': { N: `{% $string(${seconds}) %}` },
        ...values,
      },
    },
    Retry: retry,
  };
}

function read(tally: Tally, more: JsonObject): State {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::dynamodb:getItem',
    Arguments: { ...row(tally), ConsistentRead: true, ...more },
    Retry: retry,
  };
}

/** Other branches may come in, until it is full; who is in already may come again. */
function unlessFull(set: string, most: string, me: string): string {
  return `attribute_not_exists(${set}) OR size(${set}) < ${most} OR contains(${set}, ${me})`;
}

/** Its id is that of the execution, the quorum's own name, and which entry of it this is. */
function row({ node, place }: Tally): JsonObject {
  const { names } = place.scope;
  const execution: Value = {
    kind: 'jsonata',
    texts: ['$states.context.Execution.Id'],
    values: [],
    path: [],
  };
  const turns = place.scope.turns(node.id).flatMap((turn): Value[] => [
    { kind: 'literal', value: '#' },
    { kind: 'result', node: turn, path: [] },
  ]);
  const parts: Value[] = [
    { kind: 'literal', value: 'tally#' },
    execution,
    { kind: 'literal', value: `#${names.state(node.id)}` },
    ...turns,
  ];
  const id = template({ kind: 'concat', parts }, readerAt(place, false));
  return { TableName: resourceMark('RunTable'), Key: { id: { S: id } } };
}
