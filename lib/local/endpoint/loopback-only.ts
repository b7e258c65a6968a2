import type { Context, MiddlewareHandler } from 'hono';

/** The SDKs put 'sync-' before the host's name for StartSyncExecution and TestState. */
const LOOPBACK = /^(?:sync-)?(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;

/**
 * Answers to this machine's own names only: a page of another site that points its name at 127.0.0.1
 * (DNS rebinding) still sends that name as Host.
 */
export const loopbackHost: MiddlewareHandler = async (c, next) => {
  if (LOOPBACK.test(hostOf(c))) return next();
  return c.json(
    {
      __type: 'AccessDeniedException',
      message: 'This endpoint answers to 127.0.0.1, localhost and [::1] only.',
    },
    421,
  );
};

/**
 * Guards an endpoint that asks for no authorization against the browser on the same machine: as
 * `loopbackHost`, and against a page of another site that posts here without asking: it sends its
 * Origin.
 */
export const loopbackOnly: MiddlewareHandler = async (c, next) => {
  const host = hostOf(c);
  const origin = c.req.header('Origin');
  if (origin !== undefined && origin !== `http://${host}`)
    return c.json(
      {
        __type: 'AccessDeniedException',
        message: 'This endpoint takes no requests from pages of other sites.',
      },
      403,
    );
  return loopbackHost(c, next);
};

function hostOf(c: Context): string {
  return c.req.header('Host') ?? new URL(c.req.url).host;
}
