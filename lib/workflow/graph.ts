import type { JsonSchema } from '../json.ts';
import type { Lane } from '../model/lane.ts';
import type { Retrier } from '../model/retry-policy.ts';

/**
 * What tracing a workflow's body gives: plain data, the compiler's only input. A graph is a sequence
 * of nodes; a gather holds one sequence per branch. A node's id is unique in the graph and grows in
 * the order of awaiting.
 */
export interface Graph {
  readonly name: string;
  readonly description: string | null;
  readonly inputSchema: JsonSchema;
  /** What a run may spend: `{ usd, tokens }`, one of them at least; absent: as much as it does. */
  readonly budget?: Value;
  /** Seconds from the run's start; a later run fails with States.Timeout. Absent: no limit. */
  readonly timeoutSeconds?: number;
  readonly body: Sequence;
}

/** Nodes that run one after the other, and the value that the sequence gives. */
export interface Sequence {
  readonly nodes: readonly Node[];
  readonly output: Value;
}

export type Node =
  | CallNode
  | ExecutionNode
  | GatherNode
  | RaceNode
  | QuorumNode
  | EachNode
  | WhenNode
  | RepeatNode
  | AttemptNode
  | BlockNode
  | WaitNode
  | ApprovalNode
  | FailNode;

interface NodeBase {
  readonly id: number;
  /** The user's own name: `.named('...')`, an option, or the branch's key. */
  readonly name: string | null;
  /** The name where the user gave none: a model's or a file's. */
  readonly label: string;
}

/** One call of a Lambda function. */
export interface CallNode extends NodeBase {
  readonly kind: 'call';
  readonly target: ModelTarget | TaskTarget;
  readonly payload: Value;
  /** 'output' gives the model's answer, 'response' the whole ModelResult, 'value' a task's result. */
  readonly gives: 'output' | 'response' | 'value';
  /** The call's own limit. */
  readonly timeoutSeconds: number;
  /** null: the default policy of the target. */
  readonly retry: readonly Retrier[] | null;
}

export interface ModelTarget {
  readonly kind: 'model';
  readonly provider: string;
  readonly baseURL: string | null;
  readonly lane: Lane;
}

export interface TaskTarget {
  readonly kind: 'task';
  readonly entry: string;
  readonly handler: string;
}

/** Another workflow's execution, that is waited for. */
export interface ExecutionNode extends NodeBase {
  readonly kind: 'execution';
  readonly workflow: string;
  readonly input: Value;
  /** The positions in the loops around it: what tells its entries in one execution apart. */
  readonly turns: readonly Reference[];
  readonly timeoutSeconds: number | null;
  readonly retry: readonly Retrier[];
}

export interface GatherNode extends NodeBase {
  readonly kind: 'gather';
  readonly shape: 'tuple' | 'record';
  readonly branches: readonly Branch[];
  readonly returnExceptions: boolean;
  /** How many slots may be rejected; null: no slot is counted. */
  readonly tolerate: Tolerance | null;
  /** How many branches run at once; null: all. */
  readonly concurrency: number | null;
  /** Seconds from the gather's start; a later branch fails with Gather.Deadline. */
  readonly timeoutSeconds: number | null;
  /** Seconds from each branch's start; a later branch fails with States.Timeout. */
  readonly branchTimeoutSeconds: number | null;
}

/** `any`: the first success wins. `race`: the first to settle does. */
export interface RaceNode extends NodeBase {
  readonly kind: 'race';
  readonly wins: 'success' | 'settled';
  readonly branches: readonly Branch[];
  /** Seconds for the whole; then it fails with Gather.Deadline. */
  readonly timeoutSeconds: number | null;
}

/** Goes on at `needed` successes, and fails as soon as they cannot be reached any more. */
export interface QuorumNode extends NodeBase {
  readonly kind: 'quorum';
  readonly shape: 'tuple' | 'record';
  readonly branches: readonly Branch[];
  /** From 1 to the number of branches. */
  readonly needed: number;
  /** Seconds for the whole; then it fails with Gather.Deadline. */
  readonly timeoutSeconds: number | null;
  /** Seconds from each branch's start; a later branch fails with States.Timeout. */
  readonly branchTimeoutSeconds: number | null;
}

export interface Branch {
  /** The record's key, or the index in the tuple as text. */
  readonly key: string;
  readonly body: Sequence;
}

export type Tolerance = { readonly count: number } | { readonly percentage: number };

/** The body runs once for each item; inside it, `item` and `index` are the ids of what it is given. */
export interface EachNode extends NodeBase {
  readonly kind: 'each';
  /** The list; null where `reader` reads it. */
  readonly items: Value | null;
  readonly reader: S3Reader | null;
  /** How items are put together: the body then has a list of them. */
  readonly batch: Batch | null;
  /** Where the results go; null: they are the node's value. */
  readonly writer: S3Writer | null;
  /** One item, or one batch of them. */
  readonly item: number;
  /** The item's position; none is known of a batch. */
  readonly index: number;
  readonly body: Sequence;
  readonly returnExceptions: boolean;
  readonly tolerate: Tolerance | null;
  readonly concurrency: number;
  readonly distributed: boolean;
}

/** At least one of the two is set. */
export interface Batch {
  readonly maxItems: number | null;
  /** Bytes of JSON that one batch has at most. */
  readonly maxBytes: number | null;
}

/** Items in S3: of one object (`key`), or of a listing (`prefix`). */
export interface S3Reader {
  readonly bucket: Value;
  /** What `bucket` may name, where it is no literal. */
  readonly buckets: readonly string[];
  readonly key: Value | null;
  readonly version: Value | null;
  readonly prefix: Value | null;
  /** How an object is read; null: the listing itself, or the manifest, gives the items. */
  readonly format: ItemFormat | null;
  readonly manifest: 's3-inventory' | 'athena' | null;
  readonly maxItems: Value | null;
}

export type ItemFormat =
  | { readonly kind: 'json'; readonly pointer: string | null }
  | { readonly kind: 'jsonl' }
  | {
      readonly kind: 'csv';
      /** null: the first row has them. */
      readonly headers: readonly string[] | null;
      readonly delimiter: 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB';
    };

export interface S3Writer {
  readonly bucket: Value;
  /** What `bucket` may name, where it is no literal. */
  readonly buckets: readonly string[];
  readonly prefix: Value;
}

/** The first case whose condition holds gives the value; none: `otherwise` does. */
export interface WhenNode extends NodeBase {
  readonly kind: 'when';
  readonly cases: readonly Case[];
  readonly otherwise: Sequence;
}

export interface Case {
  readonly condition: Value;
  readonly body: Sequence;
}

/** The body runs until the condition on its value holds, at most `most` times; the last value counts. */
export interface RepeatNode extends NodeBase {
  readonly kind: 'repeat';
  readonly start: Value;
  /** The id of the value that a turn begins with. */
  readonly value: number;
  /** The id of what the body gave last; the same as `value`, unless something stands between. */
  readonly result: number;
  /** Runs between two turns, and gives the value of the next; null: the result is that value. */
  readonly between: Sequence | null;
  /** The id of the count of finished turns. */
  readonly turn: number;
  readonly body: Sequence;
  readonly until: Value;
  readonly most: number;
}

/** The body, and the handler that takes its failure: Promise's `catch`. */
export interface AttemptNode extends NodeBase {
  readonly kind: 'attempt';
  readonly body: Sequence;
  /** Error names that are taken; 'States.ALL' is every error. */
  readonly errors: readonly string[];
  /** The id of the failure, `{ error, cause }`, that the handler reads. */
  readonly failure: number;
  readonly handler: Sequence;
}

/** A sequence as one node: the body of a workflow that is called. */
export interface BlockNode extends NodeBase {
  readonly kind: 'block';
  readonly body: Sequence;
}

export interface WaitNode extends NodeBase {
  readonly kind: 'wait';
  readonly seconds: Value;
}

/** Waits for a person's answer. */
export interface ApprovalNode extends NodeBase {
  readonly kind: 'approval';
  readonly question: Value;
  readonly details: Value | null;
  readonly timeoutSeconds: number;
  /** What holds when nobody answers in time; null: the step fails with States.Timeout. */
  readonly byDefault: { readonly approved: boolean; readonly comment: string | null } | null;
}

/** Fails the sequence: JavaScript's `throw`. */
export interface FailNode extends NodeBase {
  readonly kind: 'fail';
  readonly error: string;
  readonly cause: Value;
}

/** Data with holes that a run fills. */
export type Value =
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Value])[] }
  | { readonly kind: 'array'; readonly items: readonly Value[] }
  /** Text: every part turned into a string and joined. */
  | { readonly kind: 'concat'; readonly parts: readonly Value[] }
  | Expression
  | Reference;

/** What a run computes; `path` leads into its result. */
export type Expression =
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly operands: readonly Value[];
      readonly path: Path;
    }
  /** JSONata text with values in between: one text more than values. */
  | {
      readonly kind: 'jsonata';
      readonly texts: readonly string[];
      readonly values: readonly Value[];
      readonly path: Path;
      /** It only carries its values on, as into a list or a text, and its result is the same whatever they are. */
      readonly carries?: true;
    };

/** The condition helpers; 'matches' has a JSONata regular expression as its second operand's text. */
export type Operator =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'and'
  | 'or'
  | 'not'
  | 'exists'
  | 'includes'
  | 'matches';

/** A part of the run's input, or of the result of the node with that id. */
export type Reference =
  | { readonly kind: 'input'; readonly path: Path }
  | { readonly kind: 'result'; readonly node: number; readonly path: Path };

export type Path = readonly (string | number)[];

export const nothing: Value = { kind: 'literal', value: null };

/** Every reference in a value, in reading order. */
export function* referencesIn(value: Value): Generator<Reference> {
  if (value.kind === 'input' || value.kind === 'result') yield value;
  else for (const part of partsOf(value)) yield* referencesIn(part);
}

function partsOf(value: Exclude<Value, Reference>): readonly Value[] {
  switch (value.kind) {
    case 'literal':
      return [];
    case 'object':
      return value.entries.map(([, child]) => child);
    case 'array':
      return value.items;
    case 'concat':
      return value.parts;
    case 'operation':
      return value.operands;
    case 'jsonata':
      return value.values;
  }
}

/** The sequences inside a node, in reading order. */
export function sequencesIn(node: Node): readonly Sequence[] {
  switch (node.kind) {
    case 'gather':
    case 'race':
    case 'quorum':
      return node.branches.map(({ body }) => body);
    case 'each':
    case 'block':
      return [node.body];
    case 'repeat':
      return node.between ? [node.body, node.between] : [node.body];
    case 'when':
      return [...node.cases.map(({ body }) => body), node.otherwise];
    case 'attempt':
      return [node.body, node.handler];
    default:
      return [];
  }
}

/** Every node of a sequence and of the sequences inside it, in reading order. */
export function* nodesIn(sequence: Sequence): Generator<Node> {
  for (const node of sequence.nodes) {
    yield node;
    for (const inner of sequencesIn(node)) yield* nodesIn(inner);
  }
}
