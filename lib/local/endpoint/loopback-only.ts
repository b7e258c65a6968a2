import type { MiddlewareHandler } from 'hono';

/** The SDKs put 'sync-' before the host's name for StartSyncExecution and TestState. */
const LOOPBACK = /^(?:sync-)?(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;

/**
 * Guards the endpoint, which asks for no authorization, against the browser on the same machine: a page
 * of another site that points its own name at 127.0.0.1 (DNS rebinding) still sends that name as Host,
 * and one that posts here without asking sends its Origin.
 */
export const loopbackOnly: MiddlewareHandler = async (c, next) => {
  const host = c.req.header('Host') ?? new URL(c.req.url).host;
  if (!LOOPBACK.test(host))
    return c.json(
      {
        __type: 'AccessDeniedException',
        message: 'This endpoint answers to 127.0.0.1, localhost and [::1] only.',
      },
      421,
    );
  const origin = c.req.header('Origin');
  if (origin !== undefined && origin !== `http://${host}`)
    return c.json(
      {
        __type: 'AccessDeniedException',
        message: 'This endpoint takes no requests from pages of other sites.',
      },
      403,
    );
  return next();
};
