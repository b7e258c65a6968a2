import { partsIn } from '../protocol.ts';
import type { ModelRequest } from '../request.ts';

/** What a call may use before it is known. */
export interface Estimate {
  readonly input: number;
  readonly output: number;
}

/** An image at a model's usual resolution. */
const imageTokens = 1_000;
/** A page of a PDF has about so many bytes and tokens; base64 has four characters for three bytes. */
const fileCharactersPerToken = 40;
/** Where the request sets no limit. */
const usualOutput = 1_000;

/** Tokens of a request: four characters are one, and the most that it may answer. */
export function estimate(request: ModelRequest): Estimate {
  return {
    input: inputTokens(request, (text) => text.length / 4),
    output: request.maxOutputTokens ?? usualOutput,
  };
}

/** Tokens of what a request sends, by a measure of its texts. */
export function inputTokens(request: ModelRequest, tokensOf: (text: string) => number): number {
  const { instructions = '', prompt = '', messages = [], tools = [], output } = request;
  const texts = messages.map(({ content }) =>
    typeof content === 'string'
      ? content
      : content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
  );
  const schemas = JSON.stringify([tools, output?.schema ?? null]);
  const measured = [instructions, prompt, ...texts, schemas].reduce(
    (sum, text) => sum + tokensOf(text),
    0,
  );
  const attached = partsIn(request).reduce((sum, part) => {
    if (part.type === 'image') return sum + imageTokens;
    return part.type === 'file' ? sum + Math.ceil(part.url.length / fileCharactersPerToken) : sum;
  }, 0);
  return Math.ceil(measured) + attached;
}
