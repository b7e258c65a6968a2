import type { ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { type CallOptions, callModel } from '../../lib/model/call.ts';
import type { ModelError } from '../../lib/model/errors.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import type { ModelRequest } from '../../lib/model/request.ts';
import { providerServer, type Received, sendJson } from './provider-server.ts';

/** Words that must never come back in an error. Each fault echoes all of them wherever it can. */
export const prompt = 'CANARY-PROMPT the secret plan of the house';
export const key = 'sk-CANARY-KEY-0123456789';
export const echo = `Incorrect key ${key} for prompt: ${prompt}`;

export const echoed = (more: object = {}) => ({
  error: { message: echo, type: echo, param: echo, code: echo, ...more },
});

/** The error of a call; fails the test where the call succeeds. */
export async function failure(
  baseURL: string,
  request: Partial<ModelRequest> = {},
  options: CallOptions = {},
  name = 'openai',
): Promise<ModelError> {
  const connection = { provider: providerNamed(name, baseURL), baseURL, apiKey: key };
  const call = callModel(
    { model: 'm-1', instructions: `Obey ${prompt}`, prompt, repairs: 0, ...request },
    connection,
    options,
  );
  const error = (await call.then(
    (result) => expect.unreachable(`The call gave ${JSON.stringify(result)}`),
    (thrown: unknown) => thrown,
  )) as ModelError;
  expectInert(error);
  return error;
}

/** Nothing of prompt or key is in the error, whatever way it is written out; and it is a sentence. */
function expectInert(error: ModelError): void {
  const written = [
    error.message,
    error.stack,
    JSON.stringify(error),
    JSON.stringify(Object.entries(error)),
    String(error.cause),
  ].join('\n');
  expect(written).not.toMatch(/CANARY|secret plan|Incorrect key/);
  expect(error.cause).toBeUndefined();
  expect(error.message).toContain(`${error.provider}:m-1`);
  expect(error.message).toMatch(/[.]$/);
}

export async function failureOf(
  answer: (request: Received, response: ServerResponse) => void,
  request: Partial<ModelRequest> = {},
  name = 'openai',
): Promise<ModelError> {
  const server = await providerServer(answer);
  const error = await failure(server.baseURL, request, {}, name);
  expect(server.received).toHaveLength(1); // never retried here: the state machine does that
  return error;
}

export const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (_: Received, response: ServerResponse) =>
    sendJson(response, status, body, { 'x-request-id': key, ...headers });
