import type { JsonSchema } from '../json.ts';
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
  readonly body: Sequence;
}

/** Nodes that run one after the other, and the value that the sequence gives. */
export interface Sequence {
  readonly nodes: readonly Node[];
  readonly output: Value;
}

export type Node = CallNode | GatherNode;

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
}

export interface TaskTarget {
  readonly kind: 'task';
  readonly entry: string;
  readonly handler: string;
}

export interface GatherNode extends NodeBase {
  readonly kind: 'gather';
  readonly shape: 'tuple' | 'record';
  readonly branches: readonly Branch[];
  readonly returnExceptions: boolean;
}

export interface Branch {
  /** The record's key, or the index in the tuple as text. */
  readonly key: string;
  readonly body: Sequence;
}

/** Data with holes that a run fills. */
export type Value =
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Value])[] }
  | { readonly kind: 'array'; readonly items: readonly Value[] }
  /** Text: every part turned into a string and joined. */
  | { readonly kind: 'concat'; readonly parts: readonly Value[] }
  | Reference;

/** A part of the run's input, or of the result of the node with that id. */
export type Reference =
  | { readonly kind: 'input'; readonly path: Path }
  | { readonly kind: 'result'; readonly node: number; readonly path: Path };

export type Path = readonly (string | number)[];

/** Every reference in a value, in reading order. */
export function* referencesIn(value: Value): Generator<Reference> {
  switch (value.kind) {
    case 'literal':
      return;
    case 'object':
      for (const [, child] of value.entries) yield* referencesIn(child);
      return;
    case 'array':
      for (const child of value.items) yield* referencesIn(child);
      return;
    case 'concat':
      for (const child of value.parts) yield* referencesIn(child);
      return;
    default:
      yield value;
  }
}
