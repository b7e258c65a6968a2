import type { Json } from '../../json.ts';
import { expressionSource } from '../jsonata/expression.ts';
import { interpret } from '../jsonata/interpreter.ts';
import { ExpressionInvalid } from '../jsonata/invalid.ts';
import { topLevelReferences } from './jsonata-references.ts';
import type { Site } from './site.ts';

/** What `$states` offers in a field, besides input and context. */
export type Offered = 'result' | 'errorOutput' | undefined;

/** Checks every `{% ... %}` in a value, however deep. */
export function checkJsonataTemplate(value: Json, site: Site, offered?: Offered): void {
  if (typeof value === 'string') {
    const source = expressionSource(value);
    if (source !== undefined) {
      checkExpression(source, site, offered);
    }
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      checkJsonataTemplate(item as Json, site.at(index), offered);
    }
    return;
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      checkJsonataTemplate(part, site.at(key), offered);
    }
  }
}

/** True for a string that is an expression; it is checked. */
export function checkedExpression(value: Json, site: Site, offered?: Offered): boolean {
  const source = typeof value === 'string' ? expressionSource(value) : undefined;
  if (source === undefined) {
    return false;
  }
  checkExpression(source, site, offered);
  return true;
}

function checkExpression(source: string, site: Site, offered: Offered): void {
  try {
    const references = topLevelReferences(interpret(source).ast, offered);
    for (const name of references) {
      site.fail(
        `Reference to '${name}' at the top level is not supported.`,
        'UNSUPPORTED_JSONATA_EXPRESSION',
      );
    }
  } catch (error) {
    if (!(error instanceof ExpressionInvalid)) {
      throw error;
    }
    site.fail(error.reason, 'INVALID_JSONATA_EXPRESSION');
  }
}
