import { findActivity } from '../activity.ts';
import { optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';

/** AWS holds the request open for so long, and answers nothing when there was no task. */
const LONG_POLL = 60_000;

/** Gives a worker the next task of an activity, waiting for one up to a minute. */
export const getActivityTask = operation(
  { activityArn: fields.arn, workerName: optional(fields.name) },
  async ({ activityArn, workerName }, service, { signal }) => {
    const { arn } = findActivity(service, activityArn);
    const patience = new AbortController();
    const timer = service.clock.setTimer(LONG_POLL, () => patience.abort());
    try {
      const either = AbortSignal.any([signal, patience.signal]);
      const worker = workerName === undefined ? {} : { workerName };
      return (await service.engine.getActivityTask(arn, { ...worker, signal: either })) ?? {};
    } finally {
      timer.cancel();
    }
  },
);
