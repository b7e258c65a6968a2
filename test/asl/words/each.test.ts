import { describe, expect, it } from 'vitest';
import { each } from '../../../lib/index.ts';
import { act } from '../run/program.ts';
import { type Loose, Program } from './acting.ts';
import { joinCases } from './join-cases.ts';

const body = (one: Loose): Loose => act(one).retry({ maxAttempts: 0 });
const distributed = { distributed: true, concurrency: 1000 };
const failsWith = 'States.ExceedToleratedFailureThreshold';

joinCases('each', { step: (_, list) => each(list, body), width: 40 });

joinCases('each over a fixed list', { step: (acts) => each(acts, body), width: 40 });

joinCases('each with concurrency', {
  step: (_, list) => each(list, body, { concurrency: 2 }),
  width: 2,
});

joinCases('each with returnExceptions', {
  step: (_, list) => each(list, body, { returnExceptions: true }),
  settles: true,
  width: 40,
});

joinCases('each with tolerate', {
  step: (_, list) => each(list, body, { tolerate: '100%' }),
  settles: true,
  width: 40,
});

joinCases('each, distributed', { step: (_, list) => each(list, body, distributed), failsWith });

joinCases('each, distributed, with returnExceptions', {
  step: (_, list) => each(list, body, { ...distributed, returnExceptions: true }),
  settles: true,
});

joinCases('each, distributed, with concurrency', {
  step: (_, list) => each(list, body, { distributed: true, concurrency: 2 }),
  width: 2,
  failsWith,
});

describe('each', () => {
  it.each([
    ['inline in inline', {}, {}],
    ['inline in distributed', distributed, {}],
    ['distributed in distributed', distributed, distributed],
  ])('nests, %s: the order is kept at every level', async (_title, outer, inner) => {
    const program = new Program((_, list) =>
      each(list, (acts: Loose) => each(acts, body, inner), outer),
    );
    const acts = [[3, 1], [], [2]].map((seconds) =>
      seconds.map((after) => ({ value: after, after })),
    );
    expect(await program.run(acts as never)).toMatchObject({
      output: [[3, 1], [], [2]],
      seconds: 3,
    });
  });
});
