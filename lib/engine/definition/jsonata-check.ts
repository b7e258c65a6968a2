import type { Json } from '../../json.ts';
import { expressionSource } from '../jsonata/expression.ts';
import { ExpressionInvalid } from '../jsonata/invalid.ts';
import { MOST_EXPRESSIONS, type Offered } from './checked-expressions.ts';
import type { Site } from './site.ts';

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
  const { findings, expressions } = site.options;
  if (findings.truncated) {
    return;
  }
  const verdict = expressions.judge(source, offered);
  if (verdict === 'too many') {
    findings.error(
      'INVALID_DEFINITION_SIZE',
      `The definition has more than ${MOST_EXPRESSIONS} different JSONata expressions`,
      '',
    );
    findings.truncated = true;
  } else if (verdict instanceof ExpressionInvalid) {
    site.fail(verdict.reason, 'INVALID_JSONATA_EXPRESSION');
  } else {
    for (const name of verdict) {
      site.fail(
        `Reference to '${name}' at the top level is not supported.`,
        'UNSUPPORTED_JSONATA_EXPRESSION',
      );
    }
  }
}
