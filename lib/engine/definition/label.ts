import type { FieldCheck } from './field-check.ts';

const LENGTH = 40;
/** AWS docs, "Map state in Distributed mode", Label: also whitespace and control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const REFUSED = /[\s?*<>{}[\]:;,\\|^~$#%&`"\u0000-\u001f\u007f-\u009f]/;

/** Label: unique in the machine's Map Run ARNs, so only what an ARN can carry. */
export const label: FieldCheck = (value, site) => {
  if (typeof value !== 'string') {
    site.fail('Value must be a string');
    return;
  }
  const refused = REFUSED.exec(value)?.[0];
  if (value === '') {
    site.fail('Label cannot be empty');
  } else if (value.length > LENGTH) {
    site.fail(`Label cannot exceed ${LENGTH} characters`);
  } else if (refused !== undefined) {
    site.fail(`Label contains invalid character: '${printable(refused)}'`);
  }
};

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
};

function printable(character: string): string {
  const code = character.charCodeAt(0);
  const hidden = code < 0x20 || (code >= 0x7f && code < 0xa0);
  return ESCAPES[character] ?? (hidden ? `\\x${code.toString(16).padStart(2, '0')}` : character);
}
