/**
 * StringMatches: `*` stands for any characters, `\*` for the character itself, and `\\` for a
 * backslash. It takes time linear in the text for each `*`, whatever the text.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  const parts = literals(pattern);
  const first = parts[0]!;
  if (parts.length === 1) {
    return text === first;
  }
  const last = parts.at(-1)!;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) {
    return false;
  }
  let position = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0 || found + part.length > end) {
      return false;
    }
    position = found + part.length;
  }
  return true;
}

/** What stands between the wildcards. */
function literals(pattern: string): string[] {
  const parts = [''];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index]!;
    if (character === '*') {
      parts.push('');
      continue;
    }
    const next = pattern[index + 1];
    const escapes = character === '\\' && (next === '*' || next === '\\');
    parts[parts.length - 1] += escapes ? next : character;
    index += escapes ? 1 : 0;
  }
  return parts;
}
