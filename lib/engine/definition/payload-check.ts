import { DefinitionInvalid } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { compileIntrinsic } from '../intrinsics/call.ts';
import { compilePath } from '../jsonpath/path.ts';
import type { Site } from './site.ts';

/** Checks every `name.$` field of a payload template, however deep. */
export function checkPayloadTemplate(value: Json, site: Site): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      checkPayloadTemplate(item as Json, site.at(index));
    }
    return;
  }
  if (typeof value !== 'object' || value === null) {
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    if (!key.endsWith('.$')) {
      checkPayloadTemplate(part, site.at(key));
    } else if (!isPathOrCall(part)) {
      site.fail(
        `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`,
      );
    }
  }
}

/** True for a text that compiles as a path or as a call. */
export function isPathOrCall(value: Json): boolean {
  if (typeof value !== 'string') {
    return false;
  }
  try {
    if (value.startsWith('$')) {
      compilePath(value);
    } else {
      compileIntrinsic(value);
    }
    return true;
  } catch (error) {
    if (error instanceof DefinitionInvalid) {
      return false;
    }
    throw error;
  }
}
