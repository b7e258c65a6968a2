const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Milliseconds since the epoch of an ISO 8601 extended offset date-time ('2016-03-14T01:59:00Z',
 * '...+01:00'), or undefined. The zone and the 'T' are required; a day or an hour that does not exist
 * is refused.
 */
export function parseTimestamp(text: string): number | undefined {
  const parts = TIMESTAMP.exec(text);
  if (parts === null) {
    return undefined;
  }
  const [year, month, day, hour, minute] = parts.slice(1, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const second = Number(parts[6] ?? 0);
  const [offsetHour, offsetMinute] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  const midnight = new Date(Date.UTC(year, month - 1, day));
  midnight.setUTCFullYear(year);
  const exists =
    midnight.getUTCMonth() === month - 1 &&
    midnight.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    offsetHour <= 18 &&
    offsetMinute < 60;
  if (!exists) {
    return undefined;
  }
  const offset = (parts[8] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute);
  const seconds = hour * 3_600 + (minute - offset) * 60 + second + Number(parts[7] ?? 0);
  return midnight.getTime() + seconds * 1_000;
}
