import { act } from '../run/program.ts';
import type { Loose } from './acting.ts';
import { stepCases } from './step-cases.ts';

const branch = (one: Loose): Loose => act(one).retry({ maxAttempts: 0 });

stepCases('catch of another error', {
  step: (one) => branch(one).catch('Other', () => 'never'),
  nested: (one) =>
    branch(one)
      .catch('Other', () => 1)
      .catch('Another', () => 2),
});

stepCases('catch, whose handler does it again', {
  step: (one) => act({ fail: 'First' }).catch('First', async () => await branch(one)),
});
