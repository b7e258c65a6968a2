import type { Json } from '../../json.ts';
import { parseTimestamp } from './timestamp.ts';

/** The type tests of a JSONPath Choice rule, IsPresent apart, which looks at the path itself. */
export const TYPE_TESTS: ReadonlyMap<string, (value: Json) => boolean> = new Map([
  ['IsNull', (value: Json) => value === null],
  ['IsString', (value: Json) => typeof value === 'string'],
  ['IsNumeric', (value: Json) => typeof value === 'number'],
  ['IsBoolean', (value: Json) => typeof value === 'boolean'],
  [
    'IsTimestamp',
    (value: Json) => typeof value === 'string' && parseTimestamp(value) !== undefined,
  ],
]);
