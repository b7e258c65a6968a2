import { parseArn } from '../arn.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import type { MapRunRecord } from '../records.ts';
import type { Service } from '../service.ts';
import { seconds, shownTime } from '../shown-time.ts';

/** Describes a Map Run: its limits, and how its children stand. */
export const describeMapRun = operation({ mapRunArn: fields.longArn }, (request, service) => {
  parseArn(request.mapRunArn, 'mapRun');
  const run = service.mapRuns.find(request.mapRunArn);
  return {
    mapRunArn: run.arn,
    executionArn: run.executionArn,
    status: run.status,
    startDate: seconds(run.startDate),
    stopDate: shownTime(run.stopDate),
    maxConcurrency: run.maxConcurrency,
    toleratedFailureCount: run.toleratedFailureCount,
    toleratedFailurePercentage: run.toleratedFailurePercentage,
    itemCounts: shownCounts(run),
    executionCounts: shownCounts(run),
    ...redrives(run, service),
  };
});

/** A child that timed out is counted with those that failed. */
function shownCounts({ counts, status }: MapRunRecord): object {
  return {
    ...counts,
    timedOut: 0,
    resultsWritten: status === 'SUCCEEDED' ? counts.succeeded : 0,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
}

function redrives(run: MapRunRecord, { store }: Service): object {
  const events = store
    .history(run.executionArn)
    .filter(({ type, details }) => type === 'MapRunRedriven' && details?.mapRunArn === run.arn);
  const last = events.at(-1);
  return { redriveCount: events.length, redriveDate: shownTime(last?.timestamp) };
}
