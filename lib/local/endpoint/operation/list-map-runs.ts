import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { numberKey, page, pageFields } from '../page.ts';
import type { MapRunRecord } from '../records.ts';
import { seconds, shownTime } from '../shown-time.ts';

/** Lists the Map Runs of an execution, in the order of their starts. */
export const listMapRuns = operation(
  { ...pageFields, executionArn: fields.arn },
  (request, { executions, mapRuns }) => {
    executions.find(request.executionArn);
    const runs = mapRuns.of(request.executionArn);
    const kind = `mapRuns ${request.executionArn}`;
    const key = (run: MapRunRecord): string => numberKey(runs.indexOf(run));
    const { items, nextToken } = page(runs, { kind, key }, request);
    return {
      mapRuns: items.map((run) => ({
        executionArn: run.executionArn,
        mapRunArn: run.arn,
        stateMachineArn: run.machineArn,
        startDate: seconds(run.startDate),
        stopDate: shownTime(run.stopDate),
      })),
      nextToken,
    };
  },
);
