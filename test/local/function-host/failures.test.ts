import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFunctionHost } from '../../../lib/local/function-host/function-host.ts';
import { fixtureHost, functionError } from './fixture-host.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/functions');

describe('what a handler throws', () => {
  test("fails in Lambda's shape, by the error's own name, at the user's line", async () => {
    const { failure } = fixtureHost('failures', ['named']);
    const error = await failure('named');
    expect(error.errorType).toBe('RateLimited');
    expect(error.errorMessage).toBe('Too many requests.');
    expect(error.stackTrace[0]).toBe('RateLimited: Too many requests.');
    expect(error.stackTrace[1]).toContain('test/fixtures/functions/failures.ts:');
    expect(JSON.parse(error.cause)).toEqual({
      errorType: 'RateLimited',
      errorMessage: 'Too many requests.',
      trace: error.stackTrace,
    });
    expect(error.message).toBe('RateLimited: Too many requests.');
    expect(error.stack).toContain('failures.ts:');
  });

  test('fails alike when the handler is not async', async () => {
    const { failure } = fixtureHost('failures', ['synchronous']);
    expect(await failure('synchronous')).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'at once',
    });
  });

  test.each([
    ['text', 'string', 'only text'],
    ['object', 'object', '[object Object]'],
  ])('fails by its type when it is no Error but %s', async (handler, errorType, errorMessage) => {
    const { failure } = fixtureHost('failures', [handler]);
    expect(JSON.parse((await failure(handler)).cause)).toEqual({
      errorType,
      errorMessage,
      trace: [],
    });
  });

  test('fails even when the error cannot be read', async () => {
    const { failure } = fixtureHost('failures', ['hostile']);
    expect((await failure('hostile')).errorType).toBe('handled');
  });

  test('leaves other invocations of the same thread alone', async () => {
    const { call, failure, host } = fixtureHost('failures', ['slow']);
    const other = call('slow', { ms: 50 });
    await failure('slow', { ms: 1, fail: true });
    expect(await other).toBe('answered');
    expect(host.metrics().slow).toMatchObject({ invocations: 2, errors: 1, coldStarts: 1 });
  });
});

describe('what nobody catches', () => {
  test('fails the invocation that let a promise go, and no other', async () => {
    const { failure, call, host } = fixtureHost('failures', ['floating', 'exit']);
    const error = await failure('floating', { waitMs: 60_000 });
    expect(error.errorType).toBe('Runtime.UnhandledPromiseRejection');
    expect(error.errorMessage).toBe('RateLimited: let go');
    expect(error.stackTrace[1]).toContain('failures.ts:');
    expect(await call('exit')).toBe('alive');
    expect(host.metrics().floating?.coldStarts).toBe(1);
  });

  test('fails the invocation whose timer throws, and no other', async () => {
    const { failure, host } = fixtureHost('failures', ['thrownByTimer']);
    const [one, two] = await Promise.all([failure('thrownByTimer'), failure('thrownByTimer')]);
    expect([one.errorType, two.errorType]).toEqual(['RateLimited', 'RateLimited']);
    expect(host.metrics().thrownByTimer?.coldStarts).toBe(1);
  });

  test('is logged when its invocation was answered before', async () => {
    const { call, logs } = fixtureHost('failures', ['afterAnswer']);
    expect(await call('afterAnswer', {}, { requestId: 'request-1' })).toBe('answered');
    expect(await logs.seen('Uncaught Exception')).toMatchObject({
      level: 'error',
      requestId: 'request-1',
      text: expect.stringContaining('"errorType":"RateLimited","errorMessage":"too late"'),
    });
    expect(await call('afterAnswer')).toBe('answered');
  });

  test('ends the thread when it comes from no invocation, and fails all in flight by it', async () => {
    const { call, failure, host, logs } = fixtureHost('crashes', ['handler']);
    const errors = await Promise.all([failure('handler', { arm: true }), failure('handler')]);
    for (const error of errors) {
      expect(error).toMatchObject({ errorType: 'RangeError', errorMessage: 'the module failed' });
    }
    expect(await logs.seen('Uncaught Exception')).toMatchObject({ requestId: null });
    expect(await call('handler', { answer: true })).toBe('answered');
    expect(host.metrics().handler?.coldStarts).toBe(2);
  });
});

describe('a function that ends its thread', () => {
  test('fails the caller of process.exit in the words of Lambda', async () => {
    const { failure } = fixtureHost('failures', ['exit']);
    const error = await failure('exit', { code: 3 }, { requestId: 'request-1' });
    expect(JSON.parse(error.cause)).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: request-1 Error: Runtime exited with error: exit status 3',
    });
    expect(error.stackTrace).toEqual([]);
  });

  test('fails without a reason where the status is 0', async () => {
    const { failure } = fixtureHost('failures', ['exit']);
    const error = await failure('exit', { code: 0 }, { requestId: 'request-1' });
    expect(error.errorMessage).toBe(
      'RequestId: request-1 Error: Runtime exited without providing a reason',
    );
  });

  test('fails the others in flight too, and says whose fault it was', async () => {
    const { failure, call } = fixtureHost('failures', ['exit']);
    await call('exit');
    const other = failure('exit', { waitMs: 60_000 }, { requestId: 'request-2' });
    await failure('exit', { code: 1, waitMs: 5 }, { requestId: 'request-1' });
    expect(await other).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage:
        'RequestId: request-2 Error: Runtime exited because invocation request-1 of the same function called process.exit(1)',
    });
  });

  test('is started again by the next invocation', async () => {
    const { failure, call, host } = fixtureHost('failures', ['exit']);
    await failure('exit', { code: 1 });
    expect(await call('exit')).toBe('alive');
    expect(host.metrics().exit).toMatchObject({ coldStarts: 2, errors: 1, invocations: 2 });
  });

  test('fails by Runtime.OutOfMemory when it reaches its memory, and starts again', async () => {
    const { failure, call, logs } = fixtureHost('failures', ['memory'], { memoryMb: 128 });
    const error = await failure('memory', { fill: true }, { requestId: 'request-1' });
    expect(JSON.parse(error.cause)).toEqual({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: 'RequestId: request-1 Error: Runtime exited with error: signal: killed',
    });
    expect(logs.texts()[0]).toMatch('reached its 128 MB of memory with 1 invocations in flight');
    expect(await call('memory', { fill: false })).toBe('enough');
  });
});

describe('a function that cannot start', () => {
  test("fails with the module's own error, and is tried again", async () => {
    const { failure, host } = fixtureHost('fails-to-load', ['handler']);
    expect(await failure('handler')).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'not today',
    });
    await failure('handler');
    expect(host.metrics().handler?.coldStarts).toBe(2);
    await expect(host.prewarm()).rejects.toMatchObject({ errorType: 'RangeError' });
  });

  test('fails every invocation that waited for it', async () => {
    const { failure } = fixtureHost('fails-to-load', ['handler']);
    const errors = await Promise.all([failure('handler'), failure('handler')]);
    expect(errors.map(({ errorType }) => errorType)).toEqual(['RangeError', 'RangeError']);
  });

  test('fails when its module exits while it is loaded', async () => {
    const { failure } = fixtureHost('exits-while-loading', ['handler']);
    expect((await failure('handler')).errorMessage).toMatch('exit status 4');
  });

  test('fails when the handler wants a callback, which Node.js 24 on Lambda refuses', async () => {
    const { failure } = fixtureHost('answers', ['withCallback']);
    expect((await failure('withCallback')).errorType).toBe('Runtime.CallbackHandlerDeprecated');
  });

  test.each([
    [
      'answers.ts',
      'notAFunction',
      'Runtime.HandlerNotFound',
      'index.notAFunction is not a function',
    ],
    ['answers.ts', 'none', 'Runtime.HandlerNotFound', 'index.none is undefined or not exported'],
    ['answers.ts', 'api.none', 'Runtime.HandlerNotFound', 'index.api.none is undefined'],
    ['none.mjs', 'handler', 'Runtime.ImportModuleError', 'Cannot find module'],
  ])('fails for %s and %s by %s', async (file, handler, errorType, message) => {
    const host = createFunctionHost({
      functions: [
        {
          name: 'it',
          file: resolve(FIXTURES, file),
          handler,
          environment: {},
          timeoutSeconds: 5,
        },
      ],
    });
    const error = await functionError(host.invoke('it', '{}'));
    await host.close();
    expect(error.errorType).toBe(errorType);
    expect(error.errorMessage).toContain(message);
  });

  test('fails by Runtime.UserCodeSyntaxError when its file is no JavaScript', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cloudgather-broken-'));
    const file = join(directory, 'index.mjs');
    await writeFile(file, 'export const handler = async () => {{{');
    const host = createFunctionHost({
      functions: [{ name: 'it', file, handler: 'handler', environment: {}, timeoutSeconds: 5 }],
    });
    const error = await functionError(host.invoke('it', '{}'));
    await host.close();
    await rm(directory, { recursive: true });
    expect(error.errorType).toBe('Runtime.UserCodeSyntaxError');
    expect(error.errorMessage).toMatch('SyntaxError: Unexpected end of input');
  });
});
