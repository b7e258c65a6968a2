import { fullShare } from '../payload/share.ts';
import type { CallNode, Graph } from '../workflow/graph.ts';
import type { Reader } from './expression.ts';
import { keptParts } from './keep.ts';
import { type Share, sharesOf, shareText } from './share.ts';

/** What a whole response has besides its output: usage, price, names. */
const responseMargin = 800;

/**
 * What each call of a graph may leave in the run's data: its share, and the parts that have to stay. A
 * function that has more puts it aside (lib/payload).
 */
export class Allowances {
  readonly #shares: ReturnType<typeof sharesOf>;
  readonly #kept: ReadonlyMap<number, readonly string[]>;

  constructor(graph: Graph) {
    this.#shares = sharesOf(graph);
    this.#kept = keptParts(graph);
  }

  /** The share as the function is told it; undefined: the full one, which it knows. */
  share(node: CallNode, reader: Reader): number | string | undefined {
    const share = this.#shares.calls.get(node.id) ?? fullShare;
    if (share === fullShare) return undefined;
    return shareText(node.gives === 'response' ? without(share) : share, reader);
  }

  kept({ id }: CallNode): readonly string[] {
    return this.#kept.get(id) ?? [];
  }

  /** JSONata for the share of one iteration, in the state of an each that tells it. */
  itemShare(each: number, reader: Reader): string {
    return this.#shares.items.get(each)?.(reader) ?? String(fullShare);
  }
}

function without(share: Share): Share {
  return typeof share === 'number'
    ? Math.max(0, share - responseMargin)
    : (reader) => `${share(reader)} - ${responseMargin}`;
}
