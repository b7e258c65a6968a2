import { describe, expect, test } from 'vitest';
import { fixtureHost } from './fixture-host.ts';

describe('a time limit', () => {
  test('fails the invocation in the words of Lambda and aborts its signal', async () => {
    const { failure, logs, host } = fixtureHost('time', ['untilAborted'], { timeoutSeconds: 0.1 });
    const error = await failure('untilAborted', {}, { requestId: 'request-1' });
    expect(JSON.parse(error.cause)).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: request-1 Error: Task timed out after 0.10 seconds',
    });
    const stopped = await logs.seen('request-1 stopped');
    expect(stopped.text).toContain('TimeoutError: Task timed out after 0.10 seconds');
    expect(host.metrics().untilAborted).toMatchObject({ inFlight: 0, errors: 1, coldStarts: 1 });
  });

  test('does not count the time that the function takes to start', async () => {
    const { call } = fixtureHost('time', ['wait'], { timeoutSeconds: 0.03 });
    expect(await call('wait', { ms: 0 })).toBe(0);
  });

  test('can be shorter for one invocation, but not longer', async () => {
    const { failure } = fixtureHost('time', ['wait'], { timeoutSeconds: 0.2 });
    const [short, long] = await Promise.all([
      failure('wait', { ms: 60_000 }, { timeoutMs: 50 }),
      failure('wait', { ms: 60_000 }, { timeoutMs: 50_000 }),
    ]);
    expect(short.errorMessage).toMatch('after 0.05 seconds');
    expect(long.errorMessage).toMatch('after 0.20 seconds');
  });

  test('leaves other invocations of the same thread alone', async () => {
    const { call, failure, host } = fixtureHost('time', ['wait']);
    const other = call('wait', { ms: 150 });
    await failure('wait', { ms: 60_000 }, { timeoutMs: 30 });
    expect(await other).toBe(150);
    expect(host.metrics().wait?.coldStarts).toBe(1);
  });

  test('is not overrun because the host itself was busy', async () => {
    const { call, host } = fixtureHost('time', ['wait']);
    await host.prewarm();
    const answer = call('wait', { ms: 10 }, { timeoutMs: 100 });
    await null;
    await null;
    setImmediate(() => {
      const end = performance.now() + 300;
      while (performance.now() < end);
    });
    expect(await answer).toBe(10);
  });
});

describe('a handler that blocks its event loop', () => {
  test('is ended after its time limit, heard until then, and started again', async () => {
    const { failure, call, logs, host } = fixtureHost('time', ['block'], { timeoutSeconds: 0.2 });
    const error = await failure('block');
    expect(error.errorType).toBe('Sandbox.Timedout');
    expect(logs.texts()).toEqual(['blocking']);
    await expect.poll(() => call('block', { ms: 0 }).catch(() => 'blocked')).toBe('unblocked');
    expect(host.metrics().block?.coldStarts).toBe(2);
  });

  test('takes the others along, which are told why', async () => {
    const { failure, logs } = fixtureHost('time', ['block']);
    const stuck = failure('block', {}, { requestId: 'request-1', timeoutMs: 100 });
    await logs.seen('blocking');
    const other = failure('block', { ms: 0 }, { requestId: 'request-2' });
    expect((await stuck).errorType).toBe('Sandbox.Timedout');
    expect(await other).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage:
        'RequestId: request-2 Error: Runtime exited because invocation request-1 of the same function timed out and its event loop was blocked for more than 0.20 seconds',
    });
  });

  test('is spared when it only blocks for a moment', async () => {
    const { failure, call, host } = fixtureHost('time', ['block'], { blockedLimitMs: 2000 });
    await failure('block', { ms: 150 }, { timeoutMs: 50 });
    expect(await call('block', { ms: 0 })).toBe('unblocked');
    expect(host.metrics().block?.coldStarts).toBe(1);
  });
});

describe('a caller that aborts', () => {
  test('is rejected at once, and the handler hears it', async () => {
    const { call, logs, host } = fixtureHost('time', ['untilAborted']);
    const controller = new AbortController();
    const { signal } = controller;
    const answer = call('untilAborted', {}, { signal, requestId: 'request-1' });
    await logs.seen('request-1 waits');
    controller.abort(new Error('a sibling failed'));
    await expect(answer).rejects.toMatchObject({
      name: 'AbortError',
      cause: new Error('a sibling failed'),
    });
    expect(await logs.seen('request-1 stopped')).toMatchObject({
      requestId: 'request-1',
      text: expect.stringContaining('AbortError'),
    });
    expect(host.metrics().untilAborted).toMatchObject({ inFlight: 0, coldStarts: 1 });
  });

  test('stops a thousand invocations by one signal', async () => {
    const { call, host } = fixtureHost('time', ['wait']);
    const controller = new AbortController();
    const all = Array.from({ length: 1000 }, () =>
      call('wait', { ms: 60_000 }, { signal: controller.signal }).catch(({ name }) => name),
    );
    await call('wait', { ms: 0 });
    controller.abort();
    expect(new Set(await Promise.all(all))).toEqual(new Set(['AbortError']));
    expect(await call('wait', { ms: 1 })).toBe(1);
    expect(host.metrics().wait).toMatchObject({ inFlight: 0, errors: 1000, coldStarts: 1 });
  });

  test('starts nothing when it had aborted before', async () => {
    const { call, host } = fixtureHost('time', ['wait']);
    await expect(call('wait', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await host.close();
    expect(host.metrics().wait?.coldStarts).toBe(0);
  });

  test('is rejected while the function still starts, and its handler never runs', async () => {
    const { call } = fixtureHost('answers', ['count']);
    const controller = new AbortController();
    const answer = call('count', {}, { signal: controller.signal });
    controller.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(await call('count')).toBe(1);
  });

  test('does not end a handler that is busy but within its own time limit', async () => {
    const { call, logs, host } = fixtureHost('time', ['block'], { blockedLimitMs: 50 });
    const controller = new AbortController();
    const answer = call('block', { ms: 400 }, { signal: controller.signal });
    await logs.seen('blocking');
    controller.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(await call('block', { ms: 0 })).toBe('unblocked');
    expect(host.metrics().block?.coldStarts).toBe(1);
  });
});
