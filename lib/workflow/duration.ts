import { WorkflowInvalid } from '../errors.ts';

/** Seconds from a number of seconds or from '30 seconds', '5 minutes', '1 hour'. @throws WorkflowInvalid */
export function seconds(duration: number | string, most: number): number {
  const units: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };
  const found = /^(\d+) (second|minute|hour|day)s?$/.exec(String(duration));
  const value =
    typeof duration === 'number' ? duration : Number(found?.[1]) * (units[found?.[2] ?? ''] ?? NaN);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new WorkflowInvalid(
    `The duration ${JSON.stringify(duration)} cannot be used. Write whole seconds as a number, or '30 seconds', '5 minutes', '1 hour'; from 1 second to ${most} seconds.`,
  );
}
