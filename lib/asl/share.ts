import { fullShare, winnerShare } from '../payload/share.ts';
import {
  type EachNode,
  type Graph,
  type Node,
  nodesIn,
  type RepeatNode,
  type Sequence,
  sequencesIn,
  type Value,
} from '../workflow/graph.ts';
import { expression, type Reader } from './expression.ts';
import { itemShareOf } from './names.ts';
import { readsOf, weightsOf } from './weight.ts';

/** The length of a list that is known to nobody. */
const longList = 1000;

/** Bytes of JSON that a result may have; where that hangs on a list's length, JSONata for it. */
export type Share = number | ((reader: Reader) => string);

/** The shares of a graph's calls, and of the iterations that have to be told theirs. */
export interface ShareBook {
  readonly calls: ReadonlyMap<number, Share>;
  /** By the id of the each: JSONata for one iteration's share, where the Map stands. */
  readonly items: ReadonlyMap<number, (reader: Reader) => string>;
}

/**
 * How much of Step Functions' 256 KiB each call's result may take. A state's data is the sum of its
 * parts: what a gather joins, what a step is given, what a sequence gives. Each part gets the same, from
 * the whole to the branches; a result that several states read gets the least that they leave to it.
 */
export function sharesOf(graph: Graph): ShareBook {
  return new Shares(graph);
}

class Shares implements ShareBook {
  readonly calls = new Map<number, Share>();
  readonly items = new Map<number, (reader: Reader) => string>();
  readonly #nodes: ReadonlySet<number>;
  /** What the states that were gone through leave to each value. Readers come before what they read. */
  readonly #left = new Map<number, Share>();

  constructor(graph: Graph) {
    this.#nodes = new Set([...nodesIn(graph.body)].map(({ id }) => id));
    this.#sequence(graph.body, fullShare, false);
  }

  /** @param share what the sequence's value may have */
  #sequence(sequence: Sequence, share: Share, isolated: boolean): void {
    this.#divide(sequence.output, share);
    this.#nodesOf(sequence, isolated);
  }

  #nodesOf({ nodes }: Sequence, isolated: boolean): void {
    for (const node of nodes.toReversed()) {
      this.#node(node, this.#left.get(node.id) ?? fullShare, isolated);
    }
  }

  /** @param isolated whether it is in an execution of its own, which sees nothing from outside */
  #node(node: Node, share: Share, isolated: boolean): void {
    const inside = sequencesIn(node).toReversed();
    switch (node.kind) {
      case 'call':
        this.calls.set(node.id, share);
        this.#divide(node.payload, fullShare);
        return;
      case 'execution':
        this.#divide(node.input, fullShare);
        return;
      case 'approval': {
        const { question, details } = node;
        this.#divide(
          { kind: 'array', items: details ? [question, details] : [question] },
          fullShare,
        );
        return;
      }
      case 'fail':
        this.#divide(node.cause, winnerShare);
        return;
      case 'each':
        this.#each(node, share, isolated);
        return;
      case 'repeat':
        this.#repeat(node, share, isolated);
        return;
      case 'when':
      case 'attempt':
      case 'block':
        for (const body of inside) this.#sequence(body, share, isolated);
        return;
      case 'race':
        for (const body of inside) this.#sequence(body, winning(share), isolated);
        return;
      case 'quorum': {
        const whole = node.timeoutSeconds === null ? share : winning(share);
        const one = over(whole, inside.length);
        const branch = node.branchTimeoutSeconds === null ? one : winning(one);
        for (const body of inside) this.#sequence(body, branch, isolated);
        return;
      }
      case 'gather': {
        const isLimited = node.timeoutSeconds !== null || node.branchTimeoutSeconds !== null;
        const one = over(share, inside.length);
        const branch = isLimited ? winning(one) : one;
        for (const body of inside) this.#sequence(body, branch, isolated);
        return;
      }
      default:
        for (const body of inside) this.#sequence(body, over(share, inside.length), isolated);
    }
  }

  /**
   * The iterations count the list themselves where they can see it; where they cannot, or where it
   * has to be computed, the Map tells them their share.
   */
  #each(node: EachNode, share: Share, isolated: boolean): void {
    const { items, distributed, id, batch, writer } = node;
    const alone = isolated || distributed;
    // What is written to S3 is not joined; of what is read from there nobody knows the length before.
    if (writer || items === null) {
      this.#sequence(node.body, writer ? fullShare : over(share, longList), alone);
      return;
    }
    const isSeen =
      items.kind === 'input' || (items.kind === 'result' && this.#nodes.has(items.node));
    const counted = (reader: Reader): string =>
      `${textOf(share, reader)} / ${batches(`$count(${expression(items, reader)})`, batch)}`;
    if (items.kind === 'array' && !batch)
      this.#sequence(node.body, over(share, items.items.length), alone);
    else if (isSeen && !alone) this.#sequence(node.body, counted, false);
    else {
      this.items.set(id, (reader) => `$floor(${counted(reader)})`);
      const told: Value = { kind: 'result', node: itemShareOf(id), path: [] };
      this.#sequence(node.body, (reader) => expression(told, reader), alone);
    }
    this.#divide(items, fullShare);
  }

  /**
   * What a loop carries from turn to turn. A value that grows, as a conversation does, holds what all
   * turns add to it: a quarter is for the start, the rest is divided among the turns.
   */
  #repeat(node: RepeatNode, share: Share, isolated: boolean): void {
    const { body, between, value, result, most } = node;
    const grows = readsOf(between?.output ?? body.output).has(value);
    // What the turns read of the value they begin with is told by going through them once.
    if (between) this.#nodesOf(between, isolated);
    this.#nodesOf(body, isolated);
    const carried = lesser(share, this.#left.get(value));
    const turn = grows ? over(carried, (4 * most) / 3) : carried;
    if (between) {
      this.#divide(between.output, turn, value);
      this.#nodesOf(between, isolated);
    }
    const given = between ? lesser(share, this.#left.get(result)) : turn;
    this.#divide(body.output, given, value);
    this.#nodesOf(body, isolated);
    this.#divide(node.start, grows ? over(carried, 4) : carried);
  }

  /** What values that stand together leave to each of what they refer to. */
  #divide(value: Value, share: Share, except?: number): void {
    const weights = [...weightsOf(value)].filter(([node]) => node !== except);
    const count = weights.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [node] of weights) {
      this.#left.set(node, lesser(over(share, count), this.#left.get(node)));
    }
  }
}

/** How many iterations there are for so many items. */
function batches(count: string, batch: EachNode['batch']): string {
  return batch?.maxItems ? `$ceil(${count} / ${batch.maxItems})` : count;
}

/** The share as it stands in a state: a number, or a template. */
export function shareText(share: Share, reader: Reader): number | string {
  return typeof share === 'number' ? share : `{% $floor(${share(reader)}) %}`;
}

function textOf(share: Share, reader: Reader): string {
  return typeof share === 'number' ? String(share) : share(reader);
}

function over(share: Share, count: number): Share {
  if (typeof share === 'number') return Math.floor(share / Math.max(1, count));
  return count <= 1 ? share : (reader) => `${share(reader)} / ${Math.ceil(count)}`;
}

function winning(share: Share): Share {
  return lesser(share, winnerShare);
}

function lesser(a: Share, b: Share | undefined): Share {
  if (b === undefined || a === b) return a;
  if (typeof a === 'number' && typeof b === 'number') return Math.min(a, b);
  // The full share is no limit beside one that is counted.
  if (a === fullShare) return b;
  if (b === fullShare) return a;
  return (reader) => `$min([${textOf(a, reader)}, ${textOf(b, reader)}])`;
}
