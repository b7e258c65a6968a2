import type { Run, RunStep } from '../run/run.ts';
import { dollars, duration, tokens } from './format.ts';

/** 'gpt  succeeded after 0.31 s, 120 tokens, $0.0001' */
export function stepLine(step: RunStep, now: number): string {
  const since = Date.parse(step.startedAt);
  const time = duration((step.stoppedAt ? Date.parse(step.stoppedAt) : now) - since);
  const facts = [
    step.attempts > 1 ? `${step.attempts} attempts` : '',
    step.reused ? 'reused' : '',
    step.usage ? tokens(step.usage) : '',
    step.price ? dollars(step.price) : '',
    step.execution ? `run ${step.execution.split(':').at(-1)}` : '',
    step.error && step.status !== 'SUCCEEDED' ? step.error.name : '',
  ].filter((fact) => fact !== '');
  return [`${wordsOf(step)} ${time}`, ...facts].join(', ');
}

function wordsOf({ status, waitsFor, deferrals }: RunStep): string {
  if (waitsFor) return waits[waitsFor];
  return status === 'WAITING' && deferrals ? 'waiting for its turn, since' : states[status];
}

const waits = {
  approval: 'waits for approval,',
  callback: 'waits to be called back,',
} as const;

const states: Readonly<Record<RunStep['status'], string>> = {
  WAITING: 'waiting for',
  RUNNING: 'running for',
  RETRYING: 'retrying, since',
  SUCCEEDED: 'succeeded after',
  FAILED: 'failed after',
  ABORTED: 'stopped after',
};

/** How deep in gathers the step is: 0 at the top. */
export function depthOf(run: Run, step: RunStep): number {
  let depth = 0;
  let parent = step.parent;
  while (parent !== null) {
    depth += 1;
    parent = run.steps.find(({ id }) => id === parent)?.parent ?? null;
  }
  return depth;
}
