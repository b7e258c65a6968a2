import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { InputInvalid } from '../errors.ts';
import type { Json } from '../json.ts';
import { maxInputBytes } from '../run/input.ts';
import { answer, problem } from './problem.ts';

/** Stops a body over 256 KiB while it is read. */
export const limitBody = bodyLimit({
  maxSize: maxInputBytes,
  onError: (c) =>
    answer(c, problem('BodyTooLarge', 413, `A body may have ${maxInputBytes} bytes at most.`)),
});

/** Media types: `application/json`, and what is built on it (`application/cloudevents+json`). */
const json = /^application\/([\w.-]+\+)?json\s*(;|$)/i;

/**
 * The input in a request's body. A request without a body gives `{}`, as StartExecution does.
 *
 * @returns a Response (415) where the body is declared to be something else than JSON.
 * @throws InputInvalid for a body that is not JSON.
 */
export async function inputOf(c: Context): Promise<{ input: Json } | Response> {
  const text = await c.req.text();
  const type = c.req.header('Content-Type');
  if (text === '' && type === undefined) return { input: {} };
  if (!type || !json.test(type)) {
    const detail = `Send the input with "Content-Type: application/json"; received was ${type ? 'another type' : 'none'}.`;
    return answer(c, problem('NotJson', 415, detail));
  }
  if (text === '') return { input: {} };
  try {
    return { input: JSON.parse(text) as Json };
  } catch {
    // The parser's message quotes the text.
    const message = `The body of ${text.length} characters is not JSON.`;
    throw new InputInvalid(`${message} Nothing was started.`, [{ path: '', message }]);
  }
}
