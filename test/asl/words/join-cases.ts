import { describe, expect, it } from 'vitest';
import type { Act, Outcome } from '../run/program.ts';
import { inOrder, type Loose, Program, permutations, values } from './acting.ts';

/** How a word that waits for all its branches differs from the others. */
export interface Joining {
  /** The word over these acts: `(acts) => gather(acts.map((one) => act(one)))`. */
  readonly step: (acts: readonly Loose[], list: Loose) => Loose;
  /** Whether a failure becomes a slot. Default false. */
  readonly settles?: boolean;
  /** How many run at once. Default all. */
  readonly width?: number;
  /** Whether the results have names, '0', '1', ..., instead of places. */
  readonly record?: boolean;
  /** The error by which the word tells the first failure, where it is not the branch's own. */
  readonly failsWith?: string;
}

/** The cases that every word has to hold which waits for all: gather and each, with their options. */
export function joinCases(title: string, joining: Joining): void {
  const { settles = false, width = Infinity, failsWith } = joining;
  const program = new Program(joining.step);

  async function expectIt(acts: readonly Act[]): Promise<void> {
    const outcome = await program.run(acts);
    const { seconds, first, underway, atOnce } = schedule(acts, width);
    if (first === undefined || settles) {
      expect(outcome.error).toBeUndefined();
      expect(slotsOf(outcome, joining)).toEqual(
        acts.map((one, index) => slot(one, index, settles)),
      );
      expect(outcome.stopped).toEqual([]);
      expect(outcome.seconds).toBe(schedule(acts, width, true).seconds);
      return;
    }
    expect(outcome).toMatchObject({ status: 'FAILED', error: failsWith ?? acts[first]?.fail });
    expect(outcome.seconds).toBe(seconds);
    // Who ends at the very moment of the failure may have ended, or be stopped.
    const valuesOf = (indexes: readonly number[]) => indexes.map((index) => acts[index]?.value);
    const stopped = outcome.stopped.filter((value) => !valuesOf(atOnce).includes(value as never));
    expect(new Set(stopped)).toEqual(new Set(valuesOf(underway)));
  }

  describe(title, () => {
    it('keeps the order of the branches in all 24 orders in which four can end', async () => {
      for (const order of permutations(4)) await expectIt(inOrder(order));
    });

    it(`${settles ? 'keeps' : 'fails with'} the first failure, whichever of four it is`, async () => {
      for (const order of permutations(4)) await expectIt(inOrder(order, [1]));
    });

    it(`${settles ? 'keeps' : 'fails with one of'} two failures in every order`, async () => {
      for (const order of permutations(4)) await expectIt(inOrder(order, [0, 2]));
    });

    it(`${settles ? 'keeps' : 'fails with one of'} several failures at the same moment`, async () => {
      await expectIt([
        { value: 'a', after: 3 },
        { value: 'b', after: 1, fail: 'B' },
        { value: 'c', after: 1, fail: 'C' },
      ]);
    });

    it(`${settles ? 'keeps' : 'fails with the first of'} failures of all`, async () => {
      for (const order of permutations(3)) await expectIt(inOrder(order, [0, 1, 2]));
    });

    it('gives nothing for nothing', async () => {
      const outcome = await program.run([]);
      expect(outcome).toMatchObject({ status: 'SUCCEEDED', seconds: 0, called: [] });
      expect(Object.values(outcome.output as object)).toEqual([]);
    });

    it('takes one branch', async () => {
      await expectIt([{ value: 'only', after: 2 }]);
      await expectIt([{ value: 'only', after: 2, fail: 'E' }]);
    });

    it('keeps null, false, 0, "", [] and {} in their slots', async () => {
      await expectIt(values.map((value) => ({ value })));
    });

    it(`${settles ? 'waits for a slow branch beside' : 'stops a slow branch beside'} a rejected one`, async () => {
      await expectIt([
        { value: 'slow', after: 60 },
        { value: 'bad', after: 1, fail: 'E' },
      ]);
    });

    it('takes a thousand branches', async () => {
      const acts = Array.from({ length: 1000 }, (_, value) => ({ value }));
      const outcome = await program.run(acts);
      expect(outcome.error).toBeUndefined();
      expect(slotsOf(outcome, joining)).toEqual(
        acts.map((one, index) => slot(one, index, settles)),
      );
    });
  });
}

/** Promise.all on paper: when it is over, which failure is the first, and who is under way then. */
function schedule(acts: readonly Act[], width: number, toTheEnd = false) {
  const free = Array.from({ length: Math.min(acts.length, width) }, () => 0);
  const times = acts.map(({ after = 0 }) => {
    const place = free.indexOf(Math.min(...free));
    const start = free[place] ?? 0;
    free[place] = start + after;
    return { start, end: start + after };
  });
  const failing = acts.flatMap(({ fail }, index) => (fail === undefined ? [] : [index]));
  const first = failing.toSorted((a, b) => times[a]!.end - times[b]!.end)[0];
  const seconds = first === undefined || toTheEnd ? Math.max(0, ...free) : (times[first]?.end ?? 0);
  const underway = [...times.keys()].filter(
    (index) => times[index]!.start < seconds && times[index]!.end > seconds,
  );
  const atOnce = [...times.keys()].filter((index) => times[index]!.end === seconds);
  return { first, seconds, underway, atOnce };
}

function slot({ value, fail }: Act, index: number, settles: boolean): unknown {
  if (!settles) return value;
  if (fail === undefined) return { status: 'fulfilled', value };
  const cause = `because of ${JSON.stringify(value)}`;
  return { status: 'rejected', reason: { error: fail, cause, name: String(index), index } };
}

function slotsOf({ output }: Outcome, { record = false }: Joining): unknown {
  if (!record) return output;
  const entries = Object.entries(output as object);
  expect(entries.map(([key]) => key)).toEqual(entries.map((_, index) => `${index}`));
  return entries.map(([, value]) => value);
}
