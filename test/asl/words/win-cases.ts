import { describe, expect, it } from 'vitest';
import { inOrder, type Loose, Program, permutations, values } from './acting.ts';

/** How a word that one branch wins differs from the other. */
export interface Winning {
  readonly word: (branches: Loose, options?: object) => Loose;
  readonly branch: (one: Loose) => Loose;
  /** Whether a failure wins too: race. */
  readonly settled: boolean;
}

/** The cases that every word has to hold which one branch wins: any and race. */
export function winCases(title: string, { word, branch, settled }: Winning): void {
  const program = new Program((acts) => word(acts.map(branch)));

  describe(title, () => {
    it('is won by the first of four, in all 24 orders in which they can end', async () => {
      for (const order of permutations(4)) {
        const index = order.indexOf(0);
        const outcome = await program.run(inOrder(order));
        expect(outcome).toMatchObject({
          output: { name: String(index), index, value: index },
          seconds: 1,
        });
        expect(new Set(outcome.stopped)).toEqual(new Set([0, 1, 2, 3].filter((i) => i !== index)));
      }
    });

    it(`${settled ? 'fails with a failure that is first' : 'passes over failures'}, in every order`, async () => {
      for (const order of permutations(4)) {
        const outcome = await program.run(inOrder(order, [0, 2]));
        const first = order.indexOf(0);
        if (settled && (first === 0 || first === 2)) {
          expect(outcome).toMatchObject({ error: `E${first}`, seconds: 1 });
          continue;
        }
        const index = order[1]! < order[3]! ? 1 : 3;
        expect(outcome).toMatchObject({
          output: { index, value: index },
          seconds: order[index]! + 1,
        });
      }
    });

    it('fails when all fail, in every order', async () => {
      for (const order of permutations(3)) {
        const outcome = await program.run(inOrder(order, [0, 1, 2]));
        if (settled) {
          expect(outcome).toMatchObject({ error: `E${order.indexOf(0)}`, seconds: 1 });
        } else {
          expect(outcome).toMatchObject({ error: 'GatherFailed', seconds: 3 });
          const reasons = JSON.parse(outcome.cause ?? '') as { error: string; index: number }[];
          expect(reasons.map(({ error, index }) => [error, index])).toEqual([
            ['E0', 0],
            ['E1', 1],
            ['E2', 2],
          ]);
        }
      }
    });

    it('fails when several fail at the same moment', async () => {
      const acts = ['A', 'B'].map((fail, value) => ({ value, after: 1, fail }));
      const { error, seconds } = await program.run(acts);
      expect([error, seconds]).toEqual([settled ? 'A' : 'GatherFailed', 1]);
    });

    it('is won by the first of the branches that are done at the same moment', async () => {
      const acts = ['a', 'b'].map((value) => ({ value, after: 1 }));
      expect(await program.run(acts)).toMatchObject({ output: { index: 0, value: 'a' } });
    });

    it(`${settled ? 'fails with' : 'goes on without'} a rejected branch beside a slow one`, async () => {
      const outcome = await program.run([
        { value: 'slow', after: 60 },
        { value: 'bad', after: 1, fail: 'E' },
      ]);
      if (settled) expect(outcome).toMatchObject({ error: 'E', seconds: 1, stopped: ['slow'] });
      else expect(outcome).toMatchObject({ output: { value: 'slow' }, seconds: 60, stopped: [] });
    });

    it('takes one branch', async () => {
      expect(await program.run([{ value: 1 }])).toMatchObject({ output: { index: 0, value: 1 } });
      expect((await program.run([{ value: 1, fail: 'E' }])).error).toBe(
        settled ? 'E' : 'GatherFailed',
      );
    });

    it('refuses to be won by nobody', async () => {
      await expect(program.run([])).rejects.toThrow(/no branches/);
    });

    it('is won with null, false, 0, "", [] and {} as they are', async () => {
      for (const value of values) {
        expect((await program.run([{ value }])).output).toEqual({ name: '0', index: 0, value });
      }
    });

    it('takes 500 branches', async () => {
      const acts = Array.from({ length: 500 }, (_, value) => ({ value, after: 500 - value }));
      expect(await program.run(acts)).toMatchObject({ output: { index: 499 }, seconds: 1 });
    });

    it('nests, in all orders in which three can end', async () => {
      const nesting = new Program(([a, b, c]) =>
        word({ pair: word([branch(a), branch(b)]), alone: branch(c) }),
      );
      for (const order of permutations(3)) {
        const index = order.indexOf(0);
        const { output, seconds } = await nesting.run(inOrder(order));
        expect(seconds).toBe(1);
        expect(output).toMatchObject(
          index === 2
            ? { name: 'alone', value: 2 }
            : { name: 'pair', value: { index, value: index } },
        );
      }
    });

    it('is won before its deadline, lost after it, and either at that very moment', async () => {
      const limited = new Program((acts) => word(acts.map(branch), { timeout: 5 }));
      const at = (after: number) => limited.run([{ value: 'v', after }]);
      expect(await at(4)).toMatchObject({ output: { value: 'v' }, seconds: 4 });
      expect(await at(6)).toMatchObject({ error: 'Gather.Deadline', seconds: 5, stopped: ['v'] });
      const even = await at(5);
      expect(even.seconds).toBe(5);
      expect((even.error === 'Gather.Deadline') !== (even.status === 'SUCCEEDED')).toBe(true);
    });
  });
}
