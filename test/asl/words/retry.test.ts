import { act } from '../run/program.ts';
import { stepCases } from './step-cases.ts';

stepCases('retry of another error', {
  step: (one) => act(one).retry({ on: ['Other'], maxAttempts: 3 }),
});
