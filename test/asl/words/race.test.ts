import { race } from '../../../lib/index.ts';
import { act } from '../run/program.ts';
import type { Loose } from './acting.ts';
import { winCases } from './win-cases.ts';

const branch = (one: Loose): Loose => act(one).retry({ maxAttempts: 0 });

winCases('race of steps', { word: race as Loose, branch, settled: true });

winCases('race of functions', {
  word: race as Loose,
  branch: (one) => async () => await branch(one),
  settled: true,
});
