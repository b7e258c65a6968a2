import type { Json, JsonObject } from '../../json.ts';
import { parseTimestamp } from '../choice/timestamp.ts';
import { PathInvalid } from '../jsonpath/invalid.ts';
import { compilePath } from '../jsonpath/path.ts';
import { compileReferencePath } from '../jsonpath/reference-path.ts';
import type { Offered } from './checked-expressions.ts';
import { checkedExpression, checkJsonataTemplate } from './jsonata-check.ts';
import { checkPayloadTemplate } from './payload-check.ts';
import type { Site } from './site.ts';

/** Checks a field's value and reports at its place. */
export type FieldCheck = (value: Json, site: Site) => void;

export const anything: FieldCheck = () => undefined;

export const text: FieldCheck = (value, site) => {
  if (typeof value !== 'string') {
    site.fail('Value must be a string');
  }
};

export const endFlag: FieldCheck = (value, site) => {
  if (typeof value !== 'boolean') {
    site.fail('Value must be a boolean');
  }
};

/** One of the words. */
export function oneOf(...words: readonly string[]): FieldCheck {
  return (value, site) => {
    if (typeof value !== 'string' || !words.includes(value)) {
      site.fail(`Value must be one of ${words.join(', ')}`);
    }
  };
}

/** An integer in the range; in JSONata also an expression. */
export function integer(least: number, greatest = 99_999_999): FieldCheck {
  return (value, site) => {
    if (site.language === 'JSONata' && checkedExpression(value, site)) {
      return;
    }
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > greatest) {
      site.fail(`Value must be an integer between ${least} and ${greatest}`);
    }
  };
}

/** A number in the range; in JSONata also an expression. */
export function number(least: number, greatest: number): FieldCheck {
  return (value, site) => {
    if (site.language === 'JSONata' && checkedExpression(value, site)) {
      return;
    }
    if (typeof value !== 'number' || value < least || value > greatest) {
      site.fail(`Value must be a number between ${least} and ${greatest}`);
    }
  };
}

/** A string, in JSONata also an expression. */
export const textOrExpression: FieldCheck = (value, site) => {
  text(value, site);
  if (site.language === 'JSONata') {
    checkedExpression(value, site);
  }
};

/** InputPath, OutputPath: a path, or null. */
export const pathOrNull: FieldCheck = (value, site) => {
  if (value !== null) {
    path(value, site);
  }
};

/** A path: `$`, `$$`, `$variable`. */
export const path: FieldCheck = (value, site) => {
  checkPath(value, site, 'Value is not a valid JSONPath', compilePath);
};

/** ResultPath: a reference path into the input, or null. */
export const resultPath: FieldCheck = (value, site) => {
  if (value !== null) {
    checkPath(value, site, 'Value is not a Reference Path', compileReferencePath);
  }
};

/** A path that finds one value: names and indices only, from `$`, `$$` or a variable. */
export const referencePath: FieldCheck = (value, site) => {
  checkPath(value, site, 'Value is not a Reference Path', (source) => {
    const compiled = compilePath(source);
    if (!compiled.definite) {
      throw new PathInvalid(source, 'it can match more than one value');
    }
  });
};

function checkPath(
  value: Json,
  site: Site,
  message: string,
  compile: (source: string) => unknown,
): void {
  if (typeof value !== 'string' || !value.startsWith('$')) {
    site.fail(`${message}: Reference path didn't start with '$'`);
    return;
  }
  try {
    compile(value);
  } catch (error) {
    if (!(error instanceof PathInvalid)) {
      throw error;
    }
    site.fail(`${message}: ${error.reason}`);
  }
}

/** A timestamp with zone and 'T'; in JSONata also an expression. */
export const timestamp: FieldCheck = (value, site) => {
  if (site.language === 'JSONata' && checkedExpression(value, site)) {
    return;
  }
  if (typeof value !== 'string' || parseTimestamp(value) === undefined) {
    site.fail('String does not match RFC3339 timestamp');
  }
};

/** Parameters, ResultSelector, ItemSelector: a payload template; in JSONata a JSONata template. */
export const template: FieldCheck = (value, site) => {
  if (site.language === 'JSONata') {
    checkJsonataTemplate(value, site);
  } else {
    checkPayloadTemplate(value, site);
  }
};

/** A JSONata template whose `$states` also offers `result` or `errorOutput`. */
export function jsonata(offered?: Offered): FieldCheck {
  return (value, site) => checkJsonataTemplate(value, site, offered);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
