import type { Run } from '../run/run.ts';
import { dollars, duration, tokens } from './format.ts';

/**
 * '4 calls in 0.62 s; one after the other they take 1.21 s (2.0 times as long). 1,204 tokens, $0.0012.'
 */
export function summary(run: Run, scripted: boolean): string {
  const makespan = stopTime(run) - Date.parse(run.startedAt);
  const calls = run.steps.filter(({ kind }) => kind === 'task');
  const inItems = run.steps.reduce((sum, step) => sum + (step.calls ?? 0), 0);
  const total = calls.reduce(
    (sum, step) =>
      sum +
      (step.stoppedAt ? Date.parse(step.stoppedAt) : stopTime(run)) -
      Date.parse(step.startedAt),
    0,
  );
  // A run that waited longer than its calls took has gained nothing to speak of.
  const gain =
    makespan > 0 && calls.length > 1 && total > makespan && inItems === 0
      ? `; one after the other they take ${duration(total)} (${(total / makespan).toFixed(1)} times as long)`
      : '';
  const all = calls.length + inItems;
  const count = `${all} ${all === 1 ? 'call' : 'calls'}`;
  const sentences = [
    `${count} in ${duration(makespan)}${gain}.`,
    spending(run, scripted),
    left(run),
  ];
  return `${sentences.filter((sentence) => sentence !== '').join(' ')}\n`;
}

function spending(run: Run, scripted: boolean): string {
  if (run.spendIsWhole === false) {
    const known = run.usage.totalTokens === 0 ? '' : `${tokens(run.usage)}. `;
    return `${known}What the items of its distributed each have used is not counted here.`;
  }
  if (run.usage.totalTokens === 0) return '';
  const price = run.price ? dollars(run.price) : 'price unknown';
  const list = run.price ? ' at list price' : '';
  const note = scripted ? `${list}; scripted answers cost nothing` : '';
  return `${tokens(run.usage)}, ${price}${note}.`;
}

/** 'Left of the budget: $0.4998 of $0.5000, 99,908 of 100,000 tokens.' */
function left({ budget }: Run): string {
  if (!budget) return '';
  const { usd, tokens: count, unsettled } = budget;
  const parts = [
    ...(usd ? [`${dollars({ usd: usd.left })} of ${dollars({ usd: usd.limit })}`] : []),
    ...(count ? [`${amount(count.left)} of ${amount(count.limit)} tokens`] : []),
  ];
  const calls = unsettled === 1 ? 'one call' : `${unsettled} calls`;
  const less = unsettled > 0 ? `, less what ${calls} may have used` : '';
  return `Left of the budget: ${parts.join(', ')}${less}.`;
}

function amount(count: number): string {
  return count.toLocaleString('en-US');
}

function stopTime(run: Run): number {
  return run.status === 'RUNNING' ? Date.now() : Date.parse(run.stoppedAt);
}
