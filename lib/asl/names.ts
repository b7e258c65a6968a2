import type { Graph, Node, Path, Sequence } from '../workflow/graph.ts';
import type { Reads } from './reads.ts';

/** The states' names and the variables' names: the user's words, stable and unique in the document. */
export interface Names {
  state(node: number): string;
  /** The variable that holds that path of the node's result. */
  variable(node: number, path: Path): string;
  /** The state that a branch ends in when it is rejected. */
  rejected(branch: object, words: string): string;
}

/**
 * A state is named by, in this order: the user's own name or branch key, the field of the workflow's
 * result that holds its value, the model or file that it calls. A name that is taken gets a number.
 */
export function giveNames(graph: Graph, reads: Reads): Names {
  const nodes = [...nodesIn(graph.body)];
  const wished = (node: Node): string | undefined => node.name ?? returnKeys(graph).get(node.id);
  const taken = new Set<string>();
  const states = new Map<number, string>();
  for (const node of nodes) {
    const name = wished(node);
    if (name !== undefined) states.set(node.id, claim(taken, name, ' '));
  }
  for (const node of nodes) {
    if (!states.has(node.id)) states.set(node.id, claim(taken, node.label, ' '));
  }
  const state = (node: number): string => states.get(node) ?? `state ${node}`;

  const variablesTaken = new Set<string>(['states']);
  const variables = new Map<string, string>();
  for (const node of nodes) {
    for (const path of reads.get(node.id) ?? []) {
      const words = [state(node.id), ...path].join('_');
      variables.set(key(node.id, path), claim(variablesTaken, identifier(words), '_'));
    }
  }
  const rejections = new Map<object, string>();
  return {
    state,
    variable: (node, path) => variables.get(key(node, path)) ?? identifier(state(node)),
    rejected: (branch, words) => {
      const name = rejections.get(branch) ?? claim(taken, `${words} rejected`, ' ');
      rejections.set(branch, name);
      return name;
    },
  };
}

function key(node: number, path: Path): string {
  return `${node}:${JSON.stringify(path)}`;
}

export function* nodesIn(sequence: Sequence): Generator<Node> {
  for (const node of sequence.nodes) {
    yield node;
    if (node.kind === 'gather') for (const branch of node.branches) yield* nodesIn(branch.body);
  }
}

/** `return { answers, verdict }` names the steps whose results these are. */
function returnKeys(graph: Graph): ReadonlyMap<number, string> {
  const keys = new Map<number, string>();
  const { output } = graph.body;
  if (output.kind !== 'object') return keys;
  for (const [name, value] of output.entries) {
    const whole = value.kind === 'result' && value.path.length === 0;
    if (whole && !keys.has(value.node)) keys.set(value.node, name);
  }
  return keys;
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
