import { act } from '../run/program.ts';
import { stepCases } from './step-cases.ts';

stepCases('timeout of a step, far off', {
  step: (one) => act(one).retry({ maxAttempts: 0 }).timeout('10 minutes'),
});
