import { parseArn } from '../arn.ts';
import { number, optional, whole } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';

/** Changes the limits of a Map Run that is under way. */
export const updateMapRun = operation(
  {
    mapRunArn: fields.longArn,
    maxConcurrency: optional(whole(0)),
    toleratedFailureCount: optional(whole(0)),
    toleratedFailurePercentage: optional(number(0, 100)),
  },
  ({ mapRunArn, ...changes }, { mapRuns }) => {
    parseArn(mapRunArn, 'mapRun');
    mapRuns.find(mapRunArn);
    const run = mapRuns.live(mapRunArn)?.run;
    if (!run) return {};
    const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = changes;
    const { count, percentage } = run.plan.tolerance;
    run.update({
      maxConcurrency: maxConcurrency ?? run.plan.maxConcurrency,
      tolerance: {
        count: toleratedFailureCount ?? count,
        percentage: toleratedFailurePercentage ?? percentage,
      },
    });
    return {};
  },
);
