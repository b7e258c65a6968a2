import type { MiddlewareHandler } from 'hono';
import { answer, problem } from './problem.ts';

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/**
 * Guards a server without authorization against the browser on the same machine.
 *
 * - A page of another site can point its own name at 127.0.0.1 (DNS rebinding) and is then "same
 *   origin": its requests still carry that name in `Host`.
 * - A page of another site can send a POST here without asking (CSRF): it carries its `Origin`.
 */
export const localOnly: MiddlewareHandler = async (c, next) => {
  const host = c.req.header('Host') ?? new URL(c.req.url).host;
  if (!loopback.test(host)) {
    const detail = 'This server answers to 127.0.0.1, localhost and [::1] only.';
    return answer(c, problem('WrongHost', 421, detail));
  }
  const origin = c.req.header('Origin');
  if (origin !== undefined && origin !== `http://${host}`) {
    const detail = 'This server takes no requests from pages of other sites.';
    return answer(c, problem('ForeignOrigin', 403, detail));
  }
  return next();
};
