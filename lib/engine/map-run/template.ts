import type { Json } from '../../json.ts';
import { jsonataScope, pathScope } from '../data-flow.ts';
import type { Field } from '../field.ts';
import { compileJsonataTemplate } from '../jsonata/template.ts';
import { compilePayloadTemplate } from '../jsonpath/payload-template.ts';
import type { QueryLanguage } from '../states/state.ts';

/** Compiles a payload inside a Map's ItemReader, ItemBatcher or ResultWriter, in either language. */
export function compileTemplate(
  value: Json,
  language: QueryLanguage,
  location: string,
): Field<Json> {
  if (language === 'JSONPath') {
    const template = compilePayloadTemplate(value);
    return (strand, input) => template(pathScope(strand, input));
  }
  const template = compileJsonataTemplate(value, location);
  return (strand) => template.evaluate(jsonataScope(strand));
}
