import { type Graph, type Node, nodesIn, type Path } from '../workflow/graph.ts';
import { type Ledger, outermost, runInputNode, runNameNode } from './ledger.ts';

/** The states' names and the variables' names: the user's words, stable and unique in the document. */
export class Names {
  readonly #states = new Map<number, string>();
  readonly #extras = new Map<string, string>();
  readonly #variables = new Map<string, string>();
  readonly #taken = new Set<string>();

  /**
   * A state is named by, in this order: the user's own name or branch key, the field of the workflow's
   * result that holds its value, the model or file that it calls. A name that is taken gets a number.
   *
   * @param ledger of the pass before: what is read from variables, and so needs a name
   */
  constructor(graph: Graph, ledger: Ledger) {
    const nodes = [...nodesIn(graph.body)];
    const keys = returnKeys(graph);
    for (const node of nodes) {
      const name = node.name ?? keys.get(node.id);
      if (name !== undefined) this.#states.set(node.id, claim(this.#taken, name, ' '));
    }
    for (const node of nodes) {
      if (!this.#states.has(node.id)) {
        this.#states.set(node.id, claim(this.#taken, node.label, ' '));
      }
    }
    this.#nameVariables(nodes, ledger);
  }

  state(node: number): string {
    return this.#states.get(node) ?? `state ${node}`;
  }

  /** A state that no node stands for, such as the end of a rejected branch. One for each key. */
  extra(key: string, wish: string): string {
    const name = this.#extras.get(key) ?? claim(this.#taken, wish, ' ');
    this.#extras.set(key, name);
    return name;
  }

  /** The variable that holds that path of the value. */
  variable(frame: number, node: number, path: Path): string {
    return this.#variables.get(variableKey(frame, node, path)) ?? `v_${node}`;
  }

  #nameVariables(nodes: readonly Node[], ledger: Ledger): void {
    const taken = new Set<string>(['states']);
    const words = new Map([
      [runInputNode, 'input'],
      [runNameNode, 'run'],
      ...nodes.flatMap((node) => this.#words(node)),
    ]);
    for (const { frame, node, paths } of ledger.variables) {
      for (const path of outermost(paths)) {
        const wish = [words.get(node) ?? 'value', ...path].join('_');
        const name = claim(taken, identifier(wish), '_');
        this.#variables.set(variableKey(frame, node, path), name);
      }
    }
  }

  /** What a node's value is called, and the values that it gives to its body. */
  #words(node: Node): (readonly [number, string])[] {
    const name = this.state(node.id);
    switch (node.kind) {
      case 'each':
        return [
          [node.id, name],
          [node.item, `${name}_item`],
          [node.index, `${name}_index`],
          [itemShareOf(node.id), `${name}_share`],
        ];
      case 'repeat':
        return [
          [node.id, name],
          [node.value, `${name}_value`],
          ...(node.between ? [[node.result, `${name}_result`] as const] : []),
          [node.turn, `${name}_turn`],
        ];
      case 'attempt':
        return [
          [node.id, `${name}_result`],
          [node.failure, `${name}_failure`],
        ];
      case 'call':
        return [
          [node.id, name],
          [turnOf(node.id), `${name}_turn`],
        ];
      case 'gather':
        return [
          [node.id, name],
          [deadlineOf(node.id), `${name}_deadline`],
        ];
      default:
        return [[node.id, name]];
    }
  }
}

/** The moment at which a gather with `timeout` ends its branches, where these start one by one. */
export function deadlineOf(node: number): number {
  return -1000 - node;
}

/** The share of one iteration, where the Map tells it. */
export function itemShareOf(node: number): number {
  return -2_000_000 - node;
}

/** What a model call that has to wait was told last. */
export function turnOf(node: number): number {
  return -1_000_000 - node;
}

function variableKey(frame: number, node: number, path: Path): string {
  return `${frame}:${node}:${JSON.stringify(path)}`;
}

/** `return { answers, verdict }` names the steps whose results these are. */
function returnKeys(graph: Graph): ReadonlyMap<number, string> {
  const keys = new Map<number, string>();
  const nodes = new Map([...nodesIn(graph.body)].map((node) => [node.id, node]));
  const { output } = graph.body;
  if (output.kind !== 'object') return keys;
  for (const [name, value] of output.entries) {
    if (value.kind !== 'result' || value.path.length > 0) continue;
    const id = named(nodes, value.node);
    if (!keys.has(id)) keys.set(id, name);
  }
  return keys;
}

/** A step with a `catch`, and a call, have no state of their own: the name is that of the state inside. */
function named(nodes: ReadonlyMap<number, Node>, id: number): number {
  const node = nodes.get(id);
  const isUnseen = node?.kind === 'attempt' || node?.kind === 'block';
  const output = isUnseen ? node.body.output : null;
  return output?.kind === 'result' ? named(nodes, output.node) : id;
}

/** At most 80 characters, as Step Functions has it, with room for the number. */
function claim(taken: Set<string>, wish: string, separator: string): string {
  const name = [...wish].slice(0, 80).join('');
  for (let count = 1; ; count += 1) {
    const suffix = count === 1 ? '' : `${separator}${count}`;
    const free = [...name].slice(0, 80 - suffix.length).join('') + suffix;
    if (taken.has(free)) continue;
    taken.add(free);
    return free;
  }
}

/** JSONata variables: letters, digits and underscores, not starting with a digit. */
function identifier(words: string): string {
  const plain = words
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[A-Za-z]/.test(plain) ? plain : `v_${plain}`;
}
