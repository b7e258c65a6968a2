import { z } from 'zod';
import { type Workflow, workflow } from '../../../lib/index.ts';
import { type Act, deployed, documentOf, execute, type Outcome } from '../run/program.ts';

// biome-ignore lint/suspicious/noExplicitAny: the cases are for words of many types.
export type Loose = any;

export const values = [null, false, 0, '', 'text', [], {}, [[]]] as const;

/** Every order of 0 to n - 1. */
export function permutations(n: number): readonly (readonly number[])[] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => [...order.slice(0, at), n - 1, ...order.slice(at)]),
  );
}

/** What branches do that end in this order: branch i gives i after its place in it, in seconds. */
export function inOrder(order: readonly number[], fails: readonly number[] = []): readonly Act[] {
  return order.map((place, index) => ({
    value: index,
    after: place + 1,
    ...(fails.includes(index) ? { fail: `E${index}` } : {}),
  }));
}

/** A workflow of one step, compiled once for each number of branches; what they do comes with the run. */
export class Program {
  readonly #step: (acts: readonly Loose[], list: Loose) => Loose;
  readonly #documents = new Map<number, Promise<string>>();

  /** @param step made of the branches' acts, each a symbolic value, or of the symbolic list of them */
  constructor(step: (acts: readonly Loose[], list: Loose) => Loose) {
    this.#step = step;
  }

  async run(acts: readonly Act[]): Promise<Outcome> {
    const document = this.#documents.get(acts.length) ?? this.#compile(acts.length);
    this.#documents.set(acts.length, document);
    return execute(await document, { acts: acts as never });
  }

  async #compile(count: number): Promise<string> {
    const input = z.object({ acts: z.array(z.any()) });
    const flow = await workflow('word', { input }, async (given: Loose) => {
      const acts = Array.from({ length: count }, (_, index) => given.acts[index]);
      return await this.#step(acts, given.acts);
    });
    // The validator takes seconds for a thousand branches, and learns nothing from them.
    return count > 100 ? deployed(flow as Workflow) : documentOf(flow as Workflow);
  }
}
