import {
  type Graph,
  type Node,
  nodesIn,
  type Sequence,
  sequencesIn,
  type Value,
} from '../workflow/graph.ts';
import { isHttpCall } from '../workflow/http-lane.ts';

/** A part of a call's result; '*' is any element. */
type Kept = readonly (string | number)[];

/**
 * The parts of each call's result that the document's own expressions look into: a condition, JSONata
 * of the user's, the list of an each, a place in a list, what Step Functions itself sends to a model. They stay in the run's data whatever their
 * size, since a reference in their place would make the expression wrong without an error. What is only
 * carried from step to step is not among them.
 *
 * @returns by the call's id, JSON Pointers; one that ends in '/*' keeps a list and not its elements
 */
export function keptParts(graph: Graph): ReadonlyMap<number, readonly string[]> {
  const keeper = new Keeper(graph);
  const pointers = [...keeper.kept].map(([node, parts]): [number, string[]] => [
    node,
    outermost([...parts.values()]).map(pointerOf),
  ]);
  return new Map(pointers);
}

class Keeper {
  readonly kept = new Map<number, Map<string, Kept>>();
  readonly #nodes = new Map<number, Node>();
  /** What stands behind the ids that are given to bodies: an each's item, a loop's value. */
  readonly #given = new Map<number, (path: Kept) => void>();
  readonly #seen = new Set<string>();

  constructor(graph: Graph) {
    const nodes = [...nodesIn(graph.body)];
    for (const node of nodes) {
      this.#nodes.set(node.id, node);
      this.#bind(node);
    }
    for (const node of nodes) for (const value of valuesOf(node)) this.#look(value);
    this.#look(graph.body.output);
    // What a list's elements are taken from is read as a list.
    for (const node of nodes) {
      if (node.kind === 'each' && node.items) this.#keep(node.items, ['*']);
    }
  }

  #bind(node: Node): void {
    if (node.kind === 'each') {
      const { items, batch } = node;
      if (items === null) return;
      this.#given.set(node.item, (path) =>
        // All of an item is kept with the list.
        this.#keep(items, path.length === 0 ? [] : ['*', ...(batch ? path.slice(1) : path)]),
      );
    } else if (node.kind === 'repeat') {
      const turned = node.between?.output ?? node.body.output;
      this.#given.set(node.result, (path) => this.#keep(node.body.output, path));
      this.#given.set(node.value, (path) => {
        this.#keep(node.start, path);
        this.#keep(turned, path);
      });
    }
  }

  /** Finds what a value's expressions read, and the places in lists. */
  #look(value: Value): void {
    switch (value.kind) {
      case 'object':
        for (const [, child] of value.entries) this.#look(child);
        return;
      case 'array':
        for (const child of value.items) this.#look(child);
        return;
      case 'concat':
        for (const child of value.parts) this.#look(child);
        return;
      case 'operation':
        for (const child of value.operands) this.#keep(child, []);
        return;
      case 'jsonata':
        for (const child of value.values) {
          if (value.carries) this.#look(child);
          else this.#keep(child, []);
        }
        return;
      case 'result': {
        const at = value.path.findIndex((key) => typeof key === 'number');
        if (at !== -1) this.#reach(value.node, [...value.path.slice(0, at), '*']);
        return;
      }
    }
  }

  /** A part of a value is kept, wherever its parts come from. */
  #keep(value: Value, path: Kept): void {
    const [key, ...rest] = path;
    switch (value.kind) {
      case 'object':
        for (const [name, child] of value.entries) {
          if (key === undefined) this.#keep(child, []);
          else if (key === name || key === '*') this.#keep(child, rest);
        }
        return;
      case 'array':
        value.items.forEach((child, index) => {
          if (key === undefined) this.#keep(child, []);
          else if (key === '*' ? rest.length > 0 : key === index) this.#keep(child, rest);
        });
        return;
      case 'concat':
        for (const child of value.parts) this.#keep(child, []);
        return;
      case 'operation':
        this.#look(value);
        return;
      case 'jsonata':
        for (const child of value.values) this.#keep(child, []);
        return;
      case 'result':
        this.#reach(value.node, [...value.path, ...path]);
        return;
    }
  }

  #reach(id: number, path: Kept): void {
    const key = JSON.stringify([id, path]);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const given = this.#given.get(id);
    if (given) {
      given(path);
      return;
    }
    const node = this.#nodes.get(id);
    if (node) this.#inside(node, path);
  }

  #inside(node: Node, path: Kept): void {
    const [key, ...rest] = path;
    switch (node.kind) {
      case 'call': {
        const part = node.gives === 'output' ? ['output', ...path] : path;
        const parts = this.kept.get(node.id) ?? new Map<string, Kept>();
        this.kept.set(node.id, parts.set(JSON.stringify(part), part));
        return;
      }
      case 'quorum':
      case 'gather': {
        const branches = node.branches.filter(
          (branch, index) =>
            key === undefined || key === '*' || key === branch.key || key === index,
        );
        const isSettled = node.kind === 'quorum' || node.returnExceptions;
        const within = isSettled ? slotPart(rest) : rest;
        if ((key === '*' && rest.length === 0) || within === null) return;
        for (const { body } of branches) this.#keep(body.output, within);
        return;
      }
      case 'each': {
        const within = node.returnExceptions ? slotPart(rest) : rest;
        if ((key === '*' && rest.length === 0) || within === null) return;
        this.#keep(node.body.output, within);
        return;
      }
      case 'race':
        if (key !== undefined && key !== 'value') return;
        this.#keepAll(sequencesIn(node), rest);
        return;
      case 'repeat':
        this.#keep(node.body.output, path);
        return;
      default:
        this.#keepAll(sequencesIn(node), path);
        return;
    }
  }

  #keepAll(sequences: readonly Sequence[], path: Kept): void {
    for (const { output } of sequences) this.#keep(output, path);
  }
}

/** Of a slot of a gather that keeps its failures, the part inside its value; null: none of it. */
function slotPart([key, ...rest]: Kept): Kept | null {
  if (key === undefined) return [];
  return key === 'value' || key === '*' ? rest : null;
}

/** The values that a node's states read. */
function valuesOf(node: Node): readonly Value[] {
  const outputs = sequencesIn(node).map(({ output }) => output);
  switch (node.kind) {
    case 'call':
      // No function is there to fetch what a reference stands for.
      return [isHttpCall(node) ? whole(node.payload) : node.payload];
    case 'each':
      return node.items ? [node.items, ...outputs] : outputs;
    case 'when':
      return [...node.cases.map(({ condition }) => condition), ...outputs];
    case 'repeat':
      return [node.start, node.until, ...outputs];
    case 'wait':
      return [whole(node.seconds)];
    case 'fail':
      return [node.cause];
    case 'approval':
      return node.details ? [node.question, node.details] : [node.question];
    case 'execution':
      return [node.input];
    default:
      return outputs;
  }
}

/** A value that a state reads as it is: looked into like a condition. */
function whole(value: Value): Value {
  return { kind: 'operation', operator: 'exists', operands: [value], path: [] };
}

/** Without the parts that are inside another one. */
function outermost(parts: readonly Kept[]): readonly Kept[] {
  return parts.filter(
    (part) => !parts.some((other) => other.length < part.length && isInside(part, other)),
  );
}

function isInside(part: Kept, other: Kept): boolean {
  return other.at(-1) !== '*' && other.every((key, index) => key === part[index]);
}

function pointerOf(part: Kept): string {
  return part.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
