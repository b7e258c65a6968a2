import { HISTORY_LIMIT } from '../../engine/history/limit.ts';
import type { ExecutionRecord } from './records.ts';

/** AWS: an execution can be redriven for 14 days after it ended. */
const PERIOD = 14 * 24 * 60 * 60 * 1000;

/** Why an execution cannot be redriven, in AWS's words; undefined when it can. */
export function notRedrivable(
  { status, stopDate, mapRunArn }: ExecutionRecord,
  events: number,
  now: number,
): string | undefined {
  if (status === 'RUNNING' || status === 'SUCCEEDED')
    return `Execution is ${status} and cannot be redriven`;
  if (mapRunArn !== undefined)
    return 'Execution is a child of a Map Run and can be redriven by redriving the Map Run only';
  if (stopDate !== undefined && now - stopDate > PERIOD)
    return 'Execution redrivable period exceeded';
  if (events >= HISTORY_LIMIT - 1) return 'Execution history event limit exceeded';
  return undefined;
}
