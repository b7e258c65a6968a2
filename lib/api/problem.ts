import type { Context } from 'hono';
import {
  ApprovalNotFound,
  CloudError,
  CloudgatherError,
  InputInvalid,
  RunConflict,
  RunNotFound,
  UsageError,
  WorkflowNotFound,
} from '../errors.ts';

/** RFC 9457: what every error of this API answers, as application/problem+json. */
export interface Problem {
  /** 'urn:cloudgather:InputInvalid': the name of the error, to match on. */
  readonly type: string;
  readonly title: string;
  readonly status: ProblemStatus;
  /** A full sentence. Never the input's text, and nothing of the inside of the server. */
  readonly detail: string;
  /** One for each field of an input that is wrong; `pointer` is a JSON Pointer, '' the whole input. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export type ProblemStatus = 400 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 500 | 502 | 503;

const titles: Readonly<Record<ProblemStatus, string>> = {
  400: 'The request is not valid',
  403: 'The request is refused',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'The run exists already',
  413: 'The body is too large',
  415: 'The body is not JSON',
  421: 'The request is for another host',
  500: 'The server failed',
  502: 'The server behind this one refused',
  503: 'Not available now',
};

/** A problem by its name, with the title that its status has. */
export function problem(name: string, status: ProblemStatus, detail: string): Problem {
  return { type: `urn:cloudgather:${name}`, title: titles[status], status, detail };
}

/** The answer to a request that failed: our errors as they are, anything else without its inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InputInvalid) {
    const errors = error.problems.map(({ path, message }) => ({ pointer: path, detail: message }));
    return { ...problem(error.name, 400, error.message), errors };
  }
  if (error instanceof UsageError) return problem(error.name, 400, error.message);
  if (
    error instanceof WorkflowNotFound ||
    error instanceof RunNotFound ||
    error instanceof ApprovalNotFound
  ) {
    return problem(error.name, 404, error.message);
  }
  if (error instanceof RunConflict) return problem(error.name, 409, error.message);
  if (error instanceof CloudError) return cloudProblem(error);
  const name = error instanceof CloudgatherError ? error.name : 'InternalError';
  return problem(name, 500, 'The server failed. Its log says why.');
}

/** The error's own message names accounts and machines: it is for the log, not for the caller. */
function cloudProblem({ name }: CloudError): Problem {
  const again = name === 'Cloud.Throttled' || name === 'Cloud.Unreachable';
  return again
    ? problem(name, 503, 'Step Functions cannot be asked now. Try again in a while.')
    : problem(name, 502, 'Step Functions refused the request. The log of the server says why.');
}

export function answer(c: Context, body: Problem): Response {
  if (body.status === 503) c.header('Retry-After', '5');
  return c.body(JSON.stringify(body), body.status, { 'Content-Type': 'application/problem+json' });
}
