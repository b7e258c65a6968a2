import { randomBytes } from 'node:crypto';
import type { Json } from '../json.ts';
import { fits } from './limits.ts';

/** New in every process, so that no user text can look like a mark. */
const nonce = randomBytes(8).toString('hex');

/** Stands for `${name}` until the document is written. */
export function resourceMark(placeholder: string): string {
  return `${nonce}:${placeholder}:${nonce}`;
}

/**
 * The document's text. CloudFormation replaces `${...}` in it, wherever it stands, so user text that
 * holds `${` is written with the `$` as a JSON escape: the same string to every JSON parser, and no
 * placeholder. Only the resources' own placeholders remain.
 *
 * It is laid out for people, unless that alone would make it too long for Step Functions.
 */
export function writeDocument(document: Json): string {
  const laidOut = written(layout(document, '', 0));
  return fits(laidOut) ? laidOut : written(JSON.stringify(document));
}

function written(json: string): string {
  const text = json.replaceAll('${', '\\u0024{');
  return `${text.replaceAll(new RegExp(`${nonce}:(\\w+):${nonce}`, 'g'), (_, name) => `\${${name}}`)}\n`;
}

const lineWidth = 100;

/** JSON as a person would set it: what fits on one line stands on one, the rest is indented by two. */
function layout(value: Json, indent: string, used: number): string {
  const flat = oneLine(value);
  if (typeof value !== 'object' || value === null) return flat;
  if (indent.length + used + flat.length <= lineWidth) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => inner + layout(item, inner, 0));
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const fields = Object.entries(value).map(([key, child]) => {
    const name = `${JSON.stringify(key)}: `;
    return inner + name + layout(child, inner, name.length);
  });
  return `{\n${fields.join(',\n')}\n${indent}}`;
}

function oneLine(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  const fields = Object.entries(value).map(
    ([key, child]) => `${JSON.stringify(key)}: ${oneLine(child)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

/** The document with its placeholders replaced, as CloudFormation's DefinitionSubstitutions does. */
export function substitute(definition: string, values: Readonly<Record<string, string>>): string {
  return definition.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
