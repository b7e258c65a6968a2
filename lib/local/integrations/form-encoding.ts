import type { Json, JsonObject } from '../../json.ts';

/**
 * JSON as a form body, as `Transform.RequestBodyEncoding: URL_ENCODED` asks for it. Arrays by
 * `ArrayFormat`: INDICES `a[0]=1`, BRACKETS `a[]=1`, REPEAT `a=1&a=2`, COMMAS `a=1,2`. Members of
 * objects are `a[name]`. Null is left out.
 */
export function formEncoded(value: Json, arrayFormat: string): string {
  return pairs(value, '', arrayFormat)
    .map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`)
    .join('&');
}

function pairs(value: Json, name: string, format: string): readonly (readonly [string, string])[] {
  if (value === null) return [];
  if (Array.isArray(value)) return arrayPairs(value as readonly Json[], name, format);
  if (typeof value !== 'object') return name === '' ? [] : [[name, String(value)]];
  return Object.entries(value as JsonObject).flatMap(([key, each]) =>
    pairs(each, name === '' ? key : `${name}[${key}]`, format),
  );
}

function arrayPairs(
  items: readonly Json[],
  name: string,
  format: string,
): readonly (readonly [string, string])[] {
  if (format === 'COMMAS') return [[name, items.map(String).join(',')]];
  return items.flatMap((item, index) => {
    if (format === 'REPEAT') return pairs(item, name, format);
    return pairs(item, format === 'BRACKETS' ? `${name}[]` : `${name}[${index}]`, format);
  });
}
