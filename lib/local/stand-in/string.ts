import type { JsonObject } from '../../json.ts';

const formats: Readonly<Record<string, (n: number) => string>> = {
  'date-time': (n) => `2026-01-0${1 + (n % 9)}T12:00:00Z`,
  date: (n) => `2026-01-0${1 + (n % 9)}`,
  time: (n) => `12:0${n % 10}:00Z`,
  duration: (n) => `PT${1 + n}H`,
  email: (n) => `scripted${n + 1}@example.com`,
  hostname: (n) => `scripted${n + 1}.example.com`,
  ipv4: (n) => `192.0.2.${1 + (n % 254)}`,
  ipv6: (n) => `2001:db8::${1 + (n % 9)}`,
  uri: (n) => `https://example.com/scripted/${n + 1}`,
  url: (n) => `https://example.com/scripted/${n + 1}`,
  'uri-reference': (n) => `/scripted/${n + 1}`,
  uuid: (n) => `00000000-0000-4000-8000-${String(n + 1).padStart(12, '0')}`,
};

/** Tried in turn against a `pattern`; the first that matches is taken. */
const shapes: readonly ((n: number) => string)[] = [
  (n) => `scripted-${n + 1}`,
  (n) => `scripted_${n + 1}`,
  () => 'scripted',
  () => 'Scripted',
  () => 'SCRIPTED',
  (n) => `SCRIPTED-${n + 1}`,
  (n) => String(n + 1),
  () => 'a',
  () => 'A',
  () => 'AB',
  () => '00',
  () => '000',
  () => '0000',
  () => '00000',
  () => '#336699',
  () => '1.0.0',
  () => '+10000000000',
  ...Object.values(formats),
];

/** A text for a schema of type string: says that it is scripted, and what it stands for. */
export function scriptedString(
  schema: JsonObject,
  place: { readonly name: string; readonly index: number | null; readonly model: string },
): string {
  const n = place.index ?? 0;
  const format = formats[String(schema.format)];
  if (format !== undefined) return format(n);
  const least = Number(schema.minLength ?? 0);
  const most = Number(schema.maxLength ?? Number.POSITIVE_INFINITY);
  if (typeof schema.pattern === 'string') {
    const pattern = new RegExp(schema.pattern, 'u');
    const shape = shapes
      .map((make) => make(n))
      .find((text) => pattern.test(text) && text.length >= least && text.length <= most);
    if (shape !== undefined) return shape;
  }
  const word = place.name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const text =
    place.index === null ? `Scripted ${word} of ${place.model}` : `Scripted ${word} ${n + 1}`;
  // The number stays in front where there is little room, so that the items of a list differ.
  const fitting = text.length > most ? `${n + 1}${text}`.slice(0, most) : text;
  return fitting.padEnd(least, '.');
}
