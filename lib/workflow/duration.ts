import { WorkflowInvalid } from '../errors.ts';

/** A whole number of seconds, or '30 seconds', '5 minutes', '1 hour', '2 days'. */
export type Duration = number | string;

/** A deadline or a wait: Step Functions waits at most 99,999,999 seconds (3 years). */
export const longestWaitSeconds = 99_999_999;

/** Step Functions ends a Standard execution after a year (AWS docs: "Service quotas"). */
export const longestRunSeconds = 31_536_000;

/** @throws WorkflowInvalid */
export function seconds(duration: Duration, most: number): number {
  const units: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };
  const found = /^(\d+) (second|minute|hour|day)s?$/.exec(String(duration));
  const value =
    typeof duration === 'number' ? duration : Number(found?.[1]) * (units[found?.[2] ?? ''] ?? NaN);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new WorkflowInvalid(
    `The duration ${JSON.stringify(duration)} cannot be used. Write whole seconds as a number, or '30 seconds', '5 minutes', '1 hour'; from 1 second to ${most} seconds.`,
  );
}
