import { type Context, Hono } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import { UsageError } from '../errors.ts';
import type { Runner } from '../run/runner.ts';
import { approvalAnswerFrom } from './approval-answer.ts';
import { limitBody } from './body.ts';
import { type EventsOptions, streamEvents } from './events.ts';
import { linkRun, linkWorkflow } from './links.ts';
import { localOnly } from './local-only.ts';
import { openApi } from './openapi.ts';
import { answer, problem, problemOf } from './problem.ts';
import { startRun, workflowNamed } from './start.ts';
import { tellRun } from './told-run.ts';

export interface ApiOptions extends EventsOptions {
  /**
   * Answer only to 127.0.0.1, localhost and [::1], and to no page of another site. For a server that
   * has no authorization in front of it. Default: false.
   */
  readonly local?: boolean;
  /**
   * Bytes that a run may have as an answer, written as JSON text inside of JSON, as Lambda sends it; a
   * larger one is told with the references to what its steps put aside, and `outputIsWhole: false`.
   * Default: as many as it has.
   */
  readonly runSize?: number;
  /** Is told what answers a 5xx, with its inside. Default: `console.error`. */
  readonly log?: (error: unknown) => void;
}

/**
 * One HTTP app over the Runner port: the same in front of a local and a cloud runner.
 *
 * | route | answer |
 * |---|---|
 * | GET /workflows, /workflows/{name} | what can be started, with its input's JSON Schema |
 * | POST /workflows/{name}/runs?watch= | the body is the input; 202, `Location`, the Run and its links |
 * | GET /workflows/{name}/runs?limit= | newest first, 1 to 1000, default 100 |
 * | GET /workflows/{name}/runs/{id} | the Run |
 * | POST /workflows/{name}/runs/{id}/stop | the stopped Run |
 * | POST /workflows/{name}/runs/{id}/redrive | what failed in it runs again; 202 and the Run |
 * | GET /workflows/{name}/runs/{id}/approvals | what the run has asked people, and what waits |
 * | POST /workflows/{name}/runs/{id}/approvals/{approval} | answers: `{ approved, comment, by }` |
 * | GET /workflows/{name}/runs/{id}/events | server-sent events, resumed by `Last-Event-ID` |
 * | GET /openapi.json | this, with the workflows' schemas |
 *
 * With an `Idempotency-Key` header the same input starts one run however often it is sent, also after
 * the run has ended; another input with the same key is a 409. Every error is a problem (RFC 9457).
 * There is no CORS and no authorization here: API Gateway does that, or `local`.
 */
export function createApi(runner: Runner, options: ApiOptions = {}): Hono {
  const app = new Hono();
  const log = options.log ?? ((error: unknown) => console.error(error));
  app.use(secureHeaders());
  app.use(async (c, next) => {
    await next();
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  });
  if (options.local) app.use(localOnly);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: wrongMethod }));
  app.onError((error, c) => {
    const found = problemOf(error);
    if (found.status >= 500) log(error);
    return answer(c, found);
  });
  app.notFound((c) => answer(c, problem('NoSuchRoute', 404, `There is nothing at ${c.req.path}.`)));
  addWorkflows(app, runner);
  addRuns(app, runner, options);
  return app;
}

function addWorkflows(app: Hono, runner: Runner): void {
  app.get('/openapi.json', async (c) => c.json(openApi(await runner.workflows())));
  app.get('/workflows', async (c) =>
    c.json({ workflows: (await runner.workflows()).map(linkWorkflow) }),
  );
  app.get('/workflows/:name', async (c) =>
    c.json(linkWorkflow(await workflowNamed(runner, c.req.param('name')))),
  );
}

function addRuns(app: Hono, runner: Runner, options: ApiOptions): void {
  const runs = '/workflows/:name/runs' as const;
  const size = options.runSize;
  app.post(runs, limitBody, (c) => startRun(c, runner, c.req.param('name'), size));
  app.get(runs, async (c) => {
    const found = await runner.list(c.req.param('name'), { limit: limitOf(c) });
    return c.json({ runs: found.map(linkRun) });
  });
  app.get(`${runs}/:id`, async (c) =>
    tellRun(c, runner, await runner.get(c.req.param('name'), c.req.param('id')), { size }),
  );
  app.post(`${runs}/:id/stop`, limitBody, async (c) => {
    const reason = 'Stopped through the API.';
    const run = await runner.stop(c.req.param('name'), c.req.param('id'), reason);
    return tellRun(c, runner, run, { size });
  });
  app.post(`${runs}/:id/redrive`, limitBody, async (c) => {
    const run = linkRun(await runner.redrive(c.req.param('name'), c.req.param('id')));
    return c.json(run, 202, { Location: run.links.self });
  });
  app.get(`${runs}/:id/approvals`, async (c) => {
    const asked = await runner.approvals(c.req.param('name'), c.req.param('id'));
    return c.json({ approvals: asked });
  });
  app.post(`${runs}/:id/approvals/:approval`, limitBody, async (c) => {
    const { name, id, approval } = c.req.param();
    const answer = approvalAnswerFrom(await c.req.json().catch(() => null));
    return c.json(await runner.answer(name, id, approval, answer));
  });
  app.get(`${runs}/:id/events`, (c) => {
    const run = { workflow: c.req.param('name'), id: c.req.param('id') };
    return streamEvents(c, runner, run, options);
  });
}

function limitOf(c: Context): number {
  const text = c.req.query('limit') ?? '100';
  const limit = Number(text);
  if (/^\d{1,4}$/.test(text) && limit >= 1 && limit <= 1000) return limit;
  throw new UsageError('The parameter "limit" is not a whole number from 1 to 1000.');
}

function wrongMethod(c: Context, methods: readonly string[]): Response {
  const allowed = methods.join(', ');
  c.header('Allow', allowed);
  const detail = `${c.req.method} does nothing at ${c.req.path}; allowed is ${allowed}.`;
  return answer(c, problem('MethodNotAllowed', 405, detail));
}
