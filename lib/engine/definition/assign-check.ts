import type { Json } from '../../json.ts';
import type { Offered } from './checked-expressions.ts';
import { type FieldCheck, isObject } from './field-check.ts';
import { checkJsonataTemplate } from './jsonata-check.ts';
import { checkPayloadTemplate } from './payload-check.ts';

const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
const LENGTH = 80;

/** Assign: an object whose keys are variable names (`name.$` in JSONPath) of at most 80 characters. */
export function assign(offered?: Offered): FieldCheck {
  return (value: Json, site) => {
    if (!isObject(value)) {
      site.fail('Value must be an object');
      return;
    }
    for (const key of Object.keys(value)) {
      const name = site.language === 'JSONPath' ? key.replace(/\.\$$/, '') : key;
      if (!NAME.test(name) || name.length > LENGTH) {
        site
          .at(key)
          .fail(
            `Variable name '${name}' is not valid: it must be an identifier of at most ${LENGTH} characters`,
          );
      } else if (name === 'states') {
        site.at(key).fail("Variable name 'states' is reserved");
      }
    }
    if (site.language === 'JSONata') {
      checkJsonataTemplate(value, site, offered);
    } else {
      checkPayloadTemplate(value, site);
    }
  };
}
