import { gte, jsonata, repeat } from '../../../lib/index.ts';
import { act } from '../run/program.ts';
import type { Loose } from './acting.ts';
import { stepCases } from './step-cases.ts';

const branch = (one: Loose): Loose => act(one).retry({ maxAttempts: 0 });

const turns = (one: Loose, most: number): Loose =>
  (repeat as Loose)(
    { start: null, most, until: (_: Loose, turn: Loose) => gte(turn ?? 0, most) },
    async () => await branch(one),
  );

stepCases('repeat of one turn', {
  step: (one) =>
    (repeat as Loose)({ start: null, most: 1, until: () => jsonata<boolean>`true` }, () =>
      branch(one),
    ),
});

stepCases('repeat of two turns, to its bound', {
  step: (one) =>
    (repeat as Loose)(
      { start: null, most: 2, until: () => jsonata<boolean>`false` },
      async () => await branch(one),
    ),
  times: 2,
  nested: (one) =>
    (repeat as Loose)({ start: 1, most: 2, until: () => jsonata<boolean>`false` }, async () => {
      const inner = await turns(one, 1);
      return inner;
    }),
});
