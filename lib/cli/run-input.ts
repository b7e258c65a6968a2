import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { UsageError } from '../errors.ts';
import type { Json, JsonObject, JsonSchema } from '../json.ts';

export interface InputSource {
  /** JSON text, '@file' or '-' for standard input. */
  readonly input?: string;
  /** Plain text for the one text field of the input. */
  readonly text?: string;
}

/** The input that a command line asks for: `{}` where it says nothing. @throws UsageError */
export async function readRunInput(source: InputSource, schema: JsonSchema): Promise<Json> {
  if (source.input !== undefined && source.text !== undefined) {
    throw new UsageError(
      'The command line gives both a text and --input. Give one: the text fills the first text field, --input is the whole input as JSON.',
    );
  }
  if (source.text !== undefined) return { [textField(schema)]: source.text };
  if (source.input === undefined) return {};
  const { text, from } = await read(source.input);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    // The parser's own message quotes the text, which may be a prompt: only the place is kept.
    const place = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new UsageError(
      `The input from ${from} is not JSON${place ? ` (the fault is at character ${Number(place) + 1})` : ''}. Write it as one JSON value: --input '{"question": "..."}'.`,
    );
  }
}

async function read(input: string): Promise<{ text: string; from: string }> {
  if (input === '-') return { text: await readAll(process.stdin), from: 'standard input' };
  if (!input.startsWith('@')) return { text: input, from: '--input' };
  const file = input.slice(1);
  try {
    return { text: await readFile(file, 'utf8'), from: `the file ${file}` };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'it does not exist' : String(code);
    throw new UsageError(
      `The input file ${file} cannot be read: ${why}. Name a file that holds JSON: --input @input.json.`,
      { cause },
    );
  }
}

/** The field that plain text fills: the first required text field, else the first. */
function textField(schema: JsonSchema): string {
  const properties = (schema.properties ?? {}) as JsonObject;
  const names = Object.keys(properties).filter(
    (name) => (properties[name] as JsonObject | null)?.type === 'string',
  );
  const required = (schema.required ?? []) as readonly string[];
  const field = names.find((name) => required.includes(name)) ?? names[0];
  if (field !== undefined) return field;
  throw new UsageError(
    `The workflow's input has no text field that a plain text could fill; its fields are: ${Object.keys(properties).join(', ') || 'none'}. Write the input as JSON: --input '{ ... }'.`,
  );
}
