import { setTimeout as sleep } from 'node:timers/promises';
import { itemArn } from '../engine/map-run/item-arn.ts';
import { foldRun } from '../run/fold.ts';
import { type ItemsOf, withItems } from '../run/items.ts';
import { redacted } from '../run/redacted.ts';
import type { Run, RunEvent } from '../run/run.ts';
import type { RunSummary } from '../run/runner.ts';
import type { RunStore } from './store/run-store.ts';
import type { StoredRun } from './store/stored-run.ts';

/** How often a run of another process is looked at, in milliseconds. */
const pollPause = 100;

/** The run as the store knows it; one that nobody goes on with says so. */
export function runOf(store: RunStore, stored: StoredRun): Run {
  const subject = {
    id: stored.id,
    workflow: stored.workflow,
    startedAt: new Date(stored.started).toISOString(),
    input: JSON.parse(stored.input),
  };
  const run = withItems(foldRun(subject, store.events(stored.key)), itemsIn(store));
  return run.status === 'RUNNING' && store.isInterrupted(stored)
    ? { ...run, interrupted: true }
    : run;
}

/** A run of this process, with what the items of its Distributed Maps have spent. */
export function openRunOf(store: RunStore, { run }: { readonly run: Run }): Run {
  return withItems(run, itemsIn(store));
}

/** The items of Distributed Maps that have begun, as the store knows them. */
function itemsIn(store: RunStore): ItemsOf {
  return function* (mapRunArn) {
    // Items begin in the order of their indices, so the first that has not begun is the last one.
    for (let index = 0; ; index += 1) {
      const events = ['execution', 'express']
        .map((kind) => store.childEvents(itemArn(mapRunArn, index, kind)))
        .find(({ length }) => length > 0);
      if (events === undefined) return;
      yield events;
    }
  };
}

export function summaryOf(store: RunStore, stored: StoredRun): RunSummary {
  return {
    id: stored.id,
    workflow: stored.workflow,
    status: stored.status,
    startedAt: new Date(stored.started).toISOString(),
    stoppedAt: stored.stopped === null ? null : new Date(stored.stopped).toISOString(),
    ...(store.isInterrupted(stored) && { interrupted: true as const }),
  };
}

/**
 * The events of a run that this process does not run, as they come, until the run is closed, the
 * process that runs it has ended, or `signal` is aborted.
 */
export async function* followStored(
  store: RunStore,
  stored: StoredRun,
  after: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunEvent> {
  let last = after;
  while (!signal?.aborted) {
    // Read before the events: whatever its last ones are, they are among those that follow.
    const now = store.find(stored.workflow, stored.id) ?? stored;
    const over = now.status !== 'RUNNING' || store.isInterrupted(now);
    for (const event of store.events(stored.key, last)) {
      if (signal?.aborted) return;
      last = event.id;
      yield redacted({ ...event, run: stored.id });
    }
    if (over) return;
    await sleep(pollPause, undefined, signal && { signal }).catch(() => undefined);
  }
}
