import {
  type Graph,
  type Node,
  nodesIn,
  type Path,
  type Sequence,
  sequencesIn,
} from '../workflow/graph.ts';
import type { Allowances } from './allowance.ts';
import type { Functions } from './functions.ts';
import { isPrefix, Ledger, outermost, runInputNode, runNameNode } from './ledger.ts';
import { Names } from './names.ts';

/**
 * What every builder needs of the whole document, for one pass over it. A variable's name hangs on
 * what later states read of it, and those are built first; so a pass takes the names from the ledger
 * of the pass before, and the passes end when two ledgers are equal.
 */
export class Scope {
  /** The workflow's name. */
  readonly workflow: string;
  readonly functions: Functions;
  readonly graph: Graph;
  readonly allowances: Allowances;
  readonly ledger = new Ledger();
  readonly names: Names;
  /** Whether a workflow is started as an execution of its own. */
  readonly hasExecutions: boolean;
  readonly #before: Ledger;
  readonly #repeated: ReadonlySet<number>;
  readonly #turns = new Map<number, readonly number[]>();
  #frames = 0;

  constructor(graph: Graph, functions: Functions, allowances: Allowances, before: Ledger) {
    this.workflow = graph.name;
    this.functions = functions;
    this.graph = graph;
    this.allowances = allowances;
    this.names = new Names(graph, before);
    this.#before = before;
    this.hasExecutions = [...nodesIn(graph.body)].some(({ kind }) => kind === 'execution');
    const loops = [...nodesIn(graph.body)].filter((node) => node.kind === 'repeat');
    const inside = loops.flatMap(({ body }) => [...nodesIn(body)]);
    this.#repeated = new Set(inside.map(({ id }) => id));
    this.#noteTurns(graph.body, []);
  }

  /**
   * The ids of the numbers that tell one entry of a node's state from the others of the same execution:
   * the turns of the loops around it, and the positions of the items.
   */
  turns(node: number): readonly number[] {
    return this.#turns.get(node) ?? [];
  }

  #noteTurns(sequence: Sequence, around: readonly number[]): void {
    for (const node of sequence.nodes) {
      this.#turns.set(node.id, around);
      for (const inner of sequencesIn(node)) this.#noteTurns(inner, turnsInside(node, around));
    }
  }

  /** Whether a node's state may be entered more than once in a machine. */
  isRepeated(node: number): boolean {
    return this.#repeated.has(node);
  }

  nextFrame(): number {
    this.#frames += 1;
    return this.#frames;
  }

  /** The id that the next frame will have. */
  peekFrame(): number {
    return this.#frames + 1;
  }

  /** The parts of a value that states read from variables. */
  reads(frame: number, node: number): readonly Path[] {
    return this.#before.reads(frame, node);
  }

  /** The values that the machine's first state assigns to variables. */
  givenReads(frame: number): readonly { readonly node: number; readonly paths: readonly Path[] }[] {
    return this.#before.variables
      .filter((entry) => entry.frame === frame)
      .map(({ node, paths }) => ({ node, paths: outermost(paths) }));
  }

  /** The path of the variable that covers the path. */
  covering(frame: number, node: number, path: Path): Path {
    return this.reads(frame, node).find((read) => isPrefix(read, path)) ?? path;
  }

  /** What a machine's input has to hold: the parts that its states asked for. */
  requests(frame: number): readonly { readonly node: number; readonly paths: readonly Path[] }[] {
    return this.#before
      .requests(frame)
      .map(({ node, paths }) => ({ node, paths: outermost(paths) }));
  }

  /** The field of an isolated machine's input that holds a part, and what is left of the path. */
  passed(frame: number, node: number, path: Path): { passed: string; rest: Path } {
    const paths = this.requests(frame).find((entry) => entry.node === node)?.paths ?? [path];
    const covering = paths.find((read) => isPrefix(read, path)) ?? path;
    return { passed: this.passedName(node, covering), rest: path.slice(covering.length) };
  }

  passedName(node: number, path: Path): string {
    if (node === runNameNode) return 'run';
    const words = [node === runInputNode ? 'input' : this.names.state(node), ...path].join('_');
    // Two names may differ only in what is replaced, and some are the Map's own: the node's number
    // keeps them apart.
    const isPlain = /^\w+$/.test(words) && !['item', 'index', 'deadline', 'share'].includes(words);
    return isPlain ? words : `${words.replace(/\W+/g, '_')}_${node}`;
  }
}

function turnsInside(node: Node, around: readonly number[]): readonly number[] {
  if (node.kind === 'repeat') return [...around, node.turn];
  if (node.kind !== 'each') return around;
  // An item of a Distributed Map is an execution of its own.
  return node.distributed ? [] : [...around, node.index];
}
