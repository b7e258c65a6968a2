import { describe, expect, it } from 'vitest';
import { gather } from '../../../lib/index.ts';
import { act } from '../run/program.ts';
import { type Loose, Program } from './acting.ts';
import { joinCases } from './join-cases.ts';

const branch = (one: Loose): Loose => act(one).retry({ maxAttempts: 0 });
const named = (acts: readonly Loose[]) =>
  Object.fromEntries(acts.map((one, i) => [i, branch(one)]));

joinCases('gather of a list', { step: (acts) => gather(acts.map(branch)) });

joinCases('gather of a record', { step: (acts) => gather(named(acts)), record: true });

joinCases('gather of functions', {
  step: (acts) => gather(acts.map((one) => async () => await branch(one))),
});

joinCases('gather with returnExceptions', {
  step: (acts) => gather(acts.map(branch), { returnExceptions: true }),
  settles: true,
});

joinCases('gather with tolerate', {
  step: (acts) => gather(acts.map(branch), { tolerate: '100%' }),
  settles: true,
});

joinCases('gather with concurrency', {
  step: (acts) => gather(acts.map(branch), { concurrency: 2 }),
  width: 2,
});

joinCases('gather with concurrency and returnExceptions', {
  step: (acts) => gather(acts.map(branch), { concurrency: 2, returnExceptions: true }),
  width: 2,
  settles: true,
});

joinCases('gather with branchTimeout, of single tasks', {
  step: (acts) => gather(acts.map(branch), { branchTimeout: 700 }),
});

describe('gather', () => {
  const nesting = new Program(([a, b, c, d]) =>
    gather([gather([branch(a), gather({ deep: branch(b) })]), branch(c), gather([branch(d)])]),
  );

  it('nests: the order is kept at every level', async () => {
    const acts = [4, 3, 2, 1].map((after, value) => ({ value, after }));
    expect(await nesting.run(acts)).toMatchObject({
      output: [[0, { deep: 1 }], 2, [3]],
      seconds: 4,
    });
  });

  it('nests: a failure deep inside stops everything around it', async () => {
    const acts = [4, 1, 3, 2].map((after, value) => ({ value, after }));
    const outcome = await nesting.run(
      acts.map((one, i) => (i === 1 ? { ...one, fail: 'E' } : one)),
    );
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'E', seconds: 1 });
    expect(new Set(outcome.stopped)).toEqual(new Set([0, 2, 3]));
  });

  describe.each<[string, object, string]>([
    ['timeout', { timeout: 5 }, 'Gather.Deadline'],
    ['timeout with returnExceptions', { timeout: 5, returnExceptions: true }, 'Gather.Deadline'],
    ['timeout with concurrency', { timeout: 5, concurrency: 1 }, 'Gather.Deadline'],
    ['branchTimeout', { branchTimeout: 5 }, 'States.Timeout'],
    ['branchTimeout of a sequence', { branchTimeout: 5, sequence: true }, 'States.Timeout'],
  ])('with %s', (_title, { sequence = false, ...options }: Loose, error) => {
    const program = new Program((acts) =>
      gather(
        acts.map((one) =>
          sequence ? async () => [await branch(one), await branch(one)][1] : branch(one),
        ),
        options,
      ),
    );
    const part = sequence ? 2 : 1;
    const slots = (output: unknown) =>
      options.returnExceptions ? (output as Loose)[0].value : (output as Loose)[0];

    it('keeps what is done before it', async () => {
      const { output, seconds } = await program.run([{ value: null, after: 4 / part }]);
      expect(slots(output)).toBeNull();
      expect(seconds).toBe(4);
    });

    // Step Functions says of two things at one moment only that one of them is first.
    it('is either done or late at that very moment, and nothing else', async () => {
      const outcome = await program.run([{ value: 'even', after: 5 / part }]);
      expect(outcome.seconds).toBe(5);
      const told = JSON.stringify([outcome.output, outcome.error]);
      expect(told.includes(error) !== told.includes('even')).toBe(true);
    });

    it('rejects what is done after it, and at that moment', async () => {
      const outcome = await program.run([{ value: 'late', after: 6 / part }]);
      expect(outcome).toMatchObject({ seconds: 5, stopped: ['late'] });
      if (options.returnExceptions) expect(outcome.output).toMatchObject([{ reason: { error } }]);
      else expect(outcome.error).toBe(error);
    });
  });
});
