import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../lib/errors.ts';
import { createFunctionHost } from '../../../lib/local/function-host/function-host.ts';
import type { FunctionSpec } from '../../../lib/local/function-host/function-spec.ts';
import { fixtureHost, functionError } from './fixture-host.ts';

describe('an invocation', () => {
  test('gives the handler its event and answers with its result, as JSON', async () => {
    const { host } = fixtureHost('answers', ['echo']);
    expect(await host.invoke('echo', '{"a":[1,null,"ü\\u0000"]}')).toBe(
      '{"a":[1,null,"ü\\u0000"]}',
    );
  });

  test('answers undefined with null', async () => {
    const { host } = fixtureHost('answers', ['nothing']);
    expect(await host.invoke('nothing', '{}')).toBe('null');
  });

  test('takes a handler that is not async', async () => {
    const { call } = fixtureHost('answers', ['plain']);
    expect(await call('plain', { n: 1 })).toBe(2);
  });

  test('finds a handler inside an exported object', async () => {
    const { call } = fixtureHost('answers', ['api.nested']);
    expect(await call('api.nested')).toBe('nested');
  });

  test('runs from a bundle that is there already', async () => {
    const file = resolve(import.meta.dirname, '../../fixtures/functions/echo.ts');
    const host = createFunctionHost({
      functions: [{ name: 'echo', file, handler: 'handler', environment: {}, timeoutSeconds: 5 }],
    });
    expect(await host.invoke('echo', '[1]')).toBe('[1]');
    await host.close();
  });

  test('shares one thread with all others of its function, a thousand at once', async () => {
    const { call, host } = fixtureHost('answers', ['together', 'count']);
    const width = 1000;
    const answers = await Promise.all(
      Array.from({ length: width }, () => call('together', { width })),
    );
    expect(answers).toEqual(Array(width).fill('together'));
    expect(await call('count')).toBe(1);
    expect(await call('count')).toBe(2);
    expect(host.metrics().together).toMatchObject({ invocations: width, coldStarts: 1 });
  });

  test('gives each its own answer, in whatever order they end', async () => {
    const { call } = fixtureHost('time', ['wait']);
    const times = [40, 5, 30, 0, 20];
    expect(await Promise.all(times.map((ms) => call('wait', { ms })))).toEqual(times);
  });

  test('gives each function a thread of its own', async () => {
    const { call } = fixtureHost('answers', ['count', 'api.nested']);
    const second = fixtureHost('answers', ['count']);
    expect(await call('count')).toBe(1);
    expect(await second.call('count')).toBe(1);
  });
});

describe("Lambda's context", () => {
  test('tells name, ARN, memory, request and the time that is left', async () => {
    const { call } = fixtureHost('answers', ['context'], { timeoutSeconds: 5, memoryMb: 256 });
    const context = await call('context', {}, { requestId: 'request-1' });
    expect(context).toMatchObject({
      functionName: 'context',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:context',
      memoryLimitInMB: '256',
      awsRequestId: 'request-1',
      logGroupName: '/aws/lambda/context',
      aborted: false,
    });
    expect(context.remaining).toBeGreaterThan(3000);
    expect(context.remaining).toBeLessThanOrEqual(5000);
  });

  test('counts the time that is left from a shorter limit of the invocation', async () => {
    const { call } = fixtureHost('answers', ['context'], { timeoutSeconds: 5 });
    const context = await call('context', {}, { timeoutMs: 900 });
    expect(context.remaining).toBeLessThanOrEqual(900);
  });

  test('has a new request id for each invocation that names none', async () => {
    const { call } = fixtureHost('answers', ['context']);
    const [one, two] = await Promise.all([call('context'), call('context')]);
    expect(one.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.awsRequestId).not.toBe(two.awsRequestId);
  });
});

describe('the environment', () => {
  test("holds the function's variables and Lambda's, and nothing of this process's", async () => {
    process.env.CLOUDGATHER_CANARY = 'leaked';
    const { call } = fixtureHost('answers', ['environment'], {
      environment: { KEY: 'of its own' },
    });
    const seen = await call('environment');
    delete process.env.CLOUDGATHER_CANARY;
    expect(seen).toMatchObject({
      KEY: 'of its own',
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
      AWS_REGION: 'us-east-1',
      TZ: ':UTC',
      _HANDLER: 'index.environment',
    });
    expect(seen.LAMBDA_TASK_ROOT).toMatch(/[0-9a-f]{64}$/);
    expect(seen).not.toHaveProperty('CLOUDGATHER_CANARY');
    expect(seen).not.toHaveProperty('HOME');
  });

  test('is not shared between functions', async () => {
    const one = fixtureHost('answers', ['environment'], { environment: { ONE: '1' } });
    const two = fixtureHost('answers', ['environment'], { environment: { TWO: '2' } });
    await one.call('environment');
    expect(await two.call('environment')).not.toHaveProperty('ONE');
  });
});

describe('a call that Lambda would refuse', () => {
  test('fails with ResourceNotFoundException for a function that the host has not', async () => {
    const { failure } = fixtureHost('answers', ['echo']);
    const error = await failure('none', {}, { requestId: 'request-1' });
    expect(error.errorType).toBe('Lambda.ResourceNotFoundException');
    expect(error.cause).toBe(
      'Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: request-1; Proxy: null)',
    );
  });

  test('fails when the payload is over 6 MiB, counted in UTF-8', async () => {
    const { host } = fixtureHost('answers', ['echo']);
    const fits = JSON.stringify('ü'.repeat((6_291_456 - 2) / 2));
    expect(await host.invoke('echo', fits)).toBe(fits);
    const error = await functionError(host.invoke('echo', `${fits} `));
    expect(error.errorType).toBe('Lambda.RequestEntityTooLargeException');
    expect(error.cause).toMatch('Request must be smaller than 6291456 bytes');
  });

  test('fails when the answer is over 6 MiB', async () => {
    const { failure, call } = fixtureHost('answers', ['large']);
    expect(await call('large', { characters: 6_291_554 })).toHaveLength(6_291_554);
    const error = await failure('large', { characters: 6_291_555 });
    expect(error.errorType).toBe('Function.ResponseSizeTooLarge');
    expect(error.errorMessage).toBe(
      'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    );
  });

  test.each(['bigint', 'function', 'cycle'])(
    'fails when the answer is no JSON: %s',
    async (what) => {
      const { failure } = fixtureHost('answers', ['unsayable']);
      const error = await failure('unsayable', { what });
      expect(error.errorType).toBe('Runtime.JSONStringifyError');
      expect(error.errorMessage).toBe('Unable to stringify response body');
    },
  );
});

describe('a host of functions that cannot be', () => {
  const spec = (more: object): FunctionSpec => ({
    name: 'echo',
    file: 'echo.ts',
    handler: 'handler',
    environment: {},
    timeoutSeconds: 1,
    ...more,
  });

  test.each([
    ["Two functions are named 'echo'", [spec({}), spec({})]],
    ['has timeoutSeconds 901', [spec({ timeoutSeconds: 901 })]],
    ['has timeoutSeconds 0', [spec({ timeoutSeconds: 0 })]],
    ['has timeoutSeconds NaN', [spec({ timeoutSeconds: Number.NaN })]],
    ['has memoryMb 64', [spec({ memoryMb: 64 })]],
  ])('rejects them before anything starts: %s', (message, functions) => {
    expect(() => createFunctionHost({ functions })).toThrow(UsageError);
    expect(() => createFunctionHost({ functions })).toThrow(message);
  });

  test('fails with the problem of an entry that cannot be bundled, each time', async () => {
    const { host } = fixtureHost('none', ['handler']);
    await expect(host.invoke('handler', '{}')).rejects.toThrow(UsageError);
    await expect(host.prewarm()).rejects.toThrow(/none\.ts' does not exist/);
    expect(host.metrics().handler).toMatchObject({ inFlight: 0, coldStarts: 0 });
  });
});
