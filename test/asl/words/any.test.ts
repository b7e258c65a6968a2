import { any } from '../../../lib/index.ts';
import { act } from '../run/program.ts';
import type { Loose } from './acting.ts';
import { winCases } from './win-cases.ts';

const branch = (one: Loose): Loose => act(one).retry({ maxAttempts: 0 });

winCases('any of steps', { word: any as Loose, branch, settled: false });

winCases('any of functions', {
  word: any as Loose,
  branch: (one) => async () => await branch(one),
  settled: false,
});
