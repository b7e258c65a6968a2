import { eq, exists, when } from '../../../lib/index.ts';
import { act } from '../run/program.ts';
import type { Loose } from './acting.ts';
import { stepCases } from './step-cases.ts';

const branch = (one: Loose): Loose => act(one).retry({ maxAttempts: 0 });

stepCases('when, its first case', {
  step: (one) => when(exists(one.value), branch(one), () => branch(one)),
  nested: (one) => when(exists(one.after), () => when(exists(one.after), branch(one), 1), 2),
});

stepCases('when, its otherwise', {
  step: (one) => when(eq(one.after, -1), 'never', async () => await branch(one)),
});
