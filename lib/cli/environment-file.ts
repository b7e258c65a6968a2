import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { UsageError } from '../errors.ts';

/**
 * Reads `.env` of the current folder, where there is one: NAME=value lines, as Node reads them, with
 * quotes, comments, `export` and either line ending. Variables that are set already win.
 * @throws UsageError for one that cannot be read, or is no UTF-8
 */
export function loadEnvironmentFile(): void {
  const file = path.resolve('.env');
  if (!existsSync(file)) return;
  for (const [name, value] of Object.entries(parseEnv(textOf(file)))) process.env[name] ??= value;
}

/** Some editors on Windows begin a file with a mark, which would become part of the first name. */
function textOf(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (cause) {
    throw new UsageError(
      'The file .env cannot be read. It holds one NAME=value per line; mend it or remove it.',
      { cause },
    );
  }
  // UTF-16, as PowerShell's '>' writes it, has a zero in each character: no name would be found in it.
  if (!text.includes('\0')) return text;
  throw new UsageError(
    'The file .env is no text in UTF-8, so nothing in it would be found. Save it as UTF-8: one NAME=value per line.',
  );
}
