import type { Run } from '../run/run.ts';
import { dollars, duration, tokens } from './format.ts';

/**
 * '4 calls in 0.62 s; one after the other they take 1.21 s (2.0 times as long). 1,204 tokens, $0.0012.'
 */
export function summary(run: Run, scripted: boolean): string {
  const makespan = stopTime(run) - Date.parse(run.startedAt);
  const calls = run.steps.filter(({ kind }) => kind === 'task');
  const total = calls.reduce(
    (sum, step) =>
      sum +
      (step.stoppedAt ? Date.parse(step.stoppedAt) : stopTime(run)) -
      Date.parse(step.startedAt),
    0,
  );
  // A run that waited longer than its calls took has gained nothing to speak of.
  const gain =
    makespan > 0 && calls.length > 1 && total > makespan
      ? `; one after the other they take ${duration(total)} (${(total / makespan).toFixed(1)} times as long)`
      : '';
  const count = `${calls.length} ${calls.length === 1 ? 'call' : 'calls'}`;
  return `${count} in ${duration(makespan)}${gain}. ${spending(run, scripted)}\n`;
}

function spending(run: Run, scripted: boolean): string {
  if (run.usage.totalTokens === 0) return '';
  const price = run.price ? dollars(run.price) : 'price unknown';
  const note = scripted ? ' at list price; scripted answers cost nothing' : '';
  return `${tokens(run.usage)}, ${price}${note}.`;
}

function stopTime(run: Run): number {
  return run.status === 'RUNNING' ? Date.now() : Date.parse(run.stoppedAt);
}
