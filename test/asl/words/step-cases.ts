import { describe, expect, it } from 'vitest';
import { any, each, gather, race } from '../../../lib/index.ts';
import { inOrder, type Loose, Program, permutations, values } from './acting.ts';

/** A word that stands alone, made of one act: `(one) => when(true, act(one))`. */
export interface Standing {
  readonly step: (one: Loose) => Loose;
  /** How many times the act's seconds the word takes. Default 1. */
  readonly times?: number;
  /** The word in itself, where that can be written. */
  readonly nested?: (one: Loose) => Loose;
}

/** The cases that every word has to hold as a branch of those that wait for many. */
export function stepCases(title: string, { step, times = 1, nested }: Standing): void {
  const gathered = new Program((acts) => gather(acts.map(step)));
  const settled = new Program((acts) => gather(acts.map(step), { returnExceptions: true }));

  describe(title, () => {
    it('keeps its slot in a gather, in all 24 orders in which four can end', async () => {
      for (const order of permutations(4)) {
        const { output, seconds } = await gathered.run(inOrder(order));
        expect([output, seconds]).toEqual([[0, 1, 2, 3], 4 * times]);
      }
    });

    it('fails a gather with the first failure, in every order, and stops the others', async () => {
      for (const order of permutations(3)) {
        const outcome = await gathered.run(inOrder(order, [0, 1, 2]));
        expect(outcome).toMatchObject({ status: 'FAILED', error: `E${order.indexOf(0)}` });
        expect(outcome.stopped).toHaveLength(2);
      }
    });

    it('settles: one failure, several at the same moment, and all', async () => {
      for (const fails of [[1], [0, 2], [0, 1, 2]]) {
        const acts = [0, 1, 2].map((value) => ({
          value,
          after: 1,
          ...(fails.includes(value) ? { fail: `E${value}` } : {}),
        }));
        const { output } = await settled.run(acts);
        expect((output as Loose[]).map(({ value, reason }) => reason?.error ?? value)).toEqual(
          acts.map(({ value, fail }) => fail ?? value),
        );
      }
    });

    it('is waited for beside a rejected one', async () => {
      const acts = [
        { value: 'slow', after: 20 },
        { value: 'bad', after: 0, fail: 'E' },
      ];
      const { output, seconds } = await settled.run(acts);
      expect(output).toMatchObject([{ value: 'slow' }, { reason: { error: 'E' } }]);
      expect(seconds).toBe(20 * times);
    });

    it('gives null, false, 0, "", [] and {} as they are', async () => {
      const { output } = await gathered.run(values.map((value) => ({ value, after: 0 })));
      expect(output).toEqual(values);
    });

    it('wins a race, and is stopped when it loses', async () => {
      const raced = new Program((acts) => race(acts.map(step)));
      const { output, stopped } = await raced.run(inOrder([4, 0]));
      expect(output).toMatchObject({ index: 1, value: 1 });
      expect(stopped).toEqual([0]);
    });

    it('is passed over by any when it fails', async () => {
      const first = new Program((acts) => any(acts.map(step)));
      expect(await first.run(inOrder([0, 1], [0]))).toMatchObject({ output: { index: 1 } });
    });

    it('is done before a deadline, late after it, and either at that very moment', async () => {
      const limited = new Program((acts) => gather(acts.map(step), { timeout: 6 }));
      const at = (seconds: number) => limited.run([{ value: 'v', after: seconds / times }]);
      expect(await at(4)).toMatchObject({ output: ['v'], seconds: 4 });
      expect(await at(8)).toMatchObject({ error: 'Gather.Deadline', seconds: 6 });
      const even = await at(6);
      expect((even.error === 'Gather.Deadline') !== (even.status === 'SUCCEEDED')).toBe(true);
    });

    it('runs for none, for one and for a thousand items', async () => {
      const mapped = new Program((_, list) => each(list, (one: Loose) => bodyOf(step(one))));
      for (const count of [0, 1, 1000]) {
        const acts = Array.from({ length: count }, (_, value) => ({ value, after: 0 }));
        const { output, error } = await mapped.run(acts);
        expect(error).toBeUndefined();
        expect(output).toEqual(acts.map(({ value }) => value));
      }
    });

    if (!nested) return;
    it('nests in itself', async () => {
      const program = new Program((acts) => gather(acts.map(nested)));
      const { output } = await program.run(inOrder([1, 0, 2]));
      expect(output).toEqual([0, 1, 2]);
    });
  });
}

/** What an item of each gives: a branch may be a function of several steps. */
function bodyOf(branch: Loose): Loose {
  return typeof branch === 'function' ? branch() : branch;
}
