import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { taskCallbacks } from '../../lib/callback/task-callbacks.ts';

/** Step Functions, which gives these answers in turn and the last of them from then on. */
async function stepFunctions(...answers: { status: number; body: object }[]) {
  const asked: { target: unknown; authorization: unknown; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const { 'x-amz-target': target, authorization } = request.headers;
    asked.push({ target, authorization, body: JSON.parse(await text(request)) });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    response.writeHead(answer?.status ?? 200).end(JSON.stringify(answer?.body ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
  const environment = { ...keys, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_SFN: url };
  return { asked, callbacks: taskCallbacks(environment) };
}

it('sends a signed SendTaskSuccess', async () => {
  const { asked, callbacks } = await stepFunctions({ status: 200, body: {} });
  expect(await callbacks.succeed('token-1', { yes: true })).toBe(true);
  expect(asked).toEqual([
    {
      target: 'AWSStepFunctions.SendTaskSuccess',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/states\/aws4_request, /,
      ),
      body: { taskToken: 'token-1', output: '{"yes":true}' },
    },
  ]);
});

it('cuts an error and a cause to what Step Functions takes', async () => {
  const { asked, callbacks } = await stepFunctions({ status: 200, body: {} });
  await callbacks.fail('token-1', 'E'.repeat(300), 'c'.repeat(40_000));
  expect(asked[0]?.body).toEqual({
    taskToken: 'token-1',
    error: 'E'.repeat(256),
    cause: 'c'.repeat(32_768),
  });
});

it.each(['TaskDoesNotExist', 'TaskTimedOut', 'com.amazonaws.sfn#TaskTimedOut'])(
  'takes %s for a task that no longer waits',
  async (type) => {
    const { callbacks } = await stepFunctions({ status: 400, body: { __type: type } });
    expect(await callbacks.succeed('token-1', 1)).toBe(false);
  },
);

it('asks again where Step Functions throttles or fails', async () => {
  const { asked, callbacks } = await stepFunctions(
    { status: 400, body: { __type: 'ThrottlingException' } },
    { status: 503, body: {} },
    { status: 200, body: {} },
  );
  expect(await callbacks.heartbeat('token-1')).toBe(true);
  expect(asked).toHaveLength(3);
});

it('fails without the token when Step Functions refuses', async () => {
  const { asked, callbacks } = await stepFunctions({
    status: 400,
    body: { __type: 'InvalidToken', message: "Invalid Token: 'token-canary'" },
  });
  const failure = await callbacks.succeed('token-canary', 1).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'Callback.Failed' });
  expect(String(failure)).toContain('InvalidToken');
  expect(String(failure)).not.toContain('canary');
  expect(asked).toHaveLength(1);
});

it('fails when nobody is there', async () => {
  const callbacks = taskCallbacks({
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  });
  await expect(callbacks.succeed('token-1', 1)).rejects.toThrow('it could not be reached');
});
