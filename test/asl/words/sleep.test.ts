import { gather, sleep } from '../../../lib/index.ts';
import { act } from '../run/program.ts';
import type { Loose } from './acting.ts';
import { stepCases } from './step-cases.ts';

const branch = (one: Loose): Loose => act(one).retry({ maxAttempts: 0 });

stepCases('sleep beside a step', {
  step: (one) => async () => {
    const [, value] = await gather([sleep(one.after), branch(one)]);
    return value;
  },
});
