/**
 * User text is data: a prompt that holds `{%`, `%}`, quotes or backslashes goes into the document and
 * comes out again unchanged. (`${`, which CloudFormation would replace, is escaped in the document's
 * text as a whole: see document.ts.)
 */

/** A JSONata string literal that gives exactly this text; single quotes where they read better. */
export function jsonataString(text: string): string {
  const quote = text.includes("'") ? '"' : "'";
  let literal = '';
  for (const character of text) literal += escaped(character, quote);
  return quote + literal.replace(/\{%/g, '\\u007b%').replace(/%\}/g, '%\\u007d') + quote;
}

function escaped(character: string, quote: string): string {
  const short: Record<string, string> = {
    '\\': '\\\\',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\b': '\\b',
    '\f': '\\f',
  };
  if (character === quote) return `\\${quote}`;
  if (short[character]) return short[character];
  const code = character.charCodeAt(0);
  // Control characters, the two line separators, and halves of surrogate pairs.
  const lone = character.length === 1 && code >= 0xd800 && code <= 0xdfff;
  if (code < 0x20 || code === 0x2028 || code === 0x2029 || lone) {
    return `\\u${code.toString(16).padStart(4, '0')}`;
  }
  return character;
}

/** A string field of a JSONata state: as it is, unless it could be taken for an expression. */
export function inertText(text: string): string {
  const trimmed = text.trim();
  const looksLikeExpression = trimmed.startsWith('{%') || trimmed.endsWith('%}');
  return looksLikeExpression ? `{% ${jsonataString(text)} %}` : text;
}
