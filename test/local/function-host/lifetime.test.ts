import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { fixtureHost } from './fixture-host.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('a host', () => {
  test('starts nothing before a function is called', () => {
    const { host } = fixtureHost('answers', ['echo', 'count']);
    expect(host.metrics().echo).toEqual({
      invocations: 0,
      inFlight: 0,
      errors: 0,
      coldStarts: 0,
      billedMs: 0,
    });
  });

  test('starts functions early when asked, and each once', async () => {
    const { host, call } = fixtureHost('answers', ['echo', 'count', 'context']);
    await Promise.all([host.prewarm(['echo', 'count']), host.prewarm(['echo'])]);
    await call('echo');
    expect(Object.values(host.metrics()).map(({ coldStarts }) => coldStarts)).toEqual([1, 1, 0]);
  });

  test('fails to start a function that it has not', async () => {
    const { host } = fixtureHost('answers', ['echo']);
    await expect(host.prewarm(['none'])).rejects.toThrow(
      "The host has no function 'none'. Its functions are: echo.",
    );
  });

  test('counts what is in flight, and bills the time of each', async () => {
    const { host, call } = fixtureHost('time', ['wait']);
    await host.prewarm();
    const all = [call('wait', { ms: 40 }), call('wait', { ms: 40 })];
    expect(host.metrics().wait).toMatchObject({ invocations: 2, inFlight: 2, billedMs: 0 });
    await Promise.all(all);
    const { inFlight, billedMs } = host.metrics().wait ?? {};
    expect(inFlight).toBe(0);
    expect(billedMs).toBeGreaterThanOrEqual(78);
    expect(billedMs).toBeLessThan(1000);
  });
});

describe('closing a host', () => {
  test('rejects what is in flight, and what comes later, and ends within a second', async () => {
    const { host, call, logs } = fixtureHost('time', ['block', 'wait']);
    const answers = [call('block'), call('wait', { ms: 60_000 })].map((answer) =>
      answer.catch(({ name, message }) => `${name}: ${message}`),
    );
    await logs.seen('blocking');
    const begun = performance.now();
    await host.close();
    expect(performance.now() - begun).toBeLessThan(1000);
    const closed = 'AbortError: The function host was closed.';
    expect(await Promise.all(answers)).toEqual([closed, closed]);
    await expect(call('wait', { ms: 0 })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(host.prewarm()).rejects.toMatchObject({ name: 'AbortError' });
    await host.close();
  });

  test('works while a function starts', async () => {
    const { host, call } = fixtureHost('answers', ['echo']);
    const answer = call('echo').catch(({ name }) => name);
    await host.close();
    expect(await answer).toBe('AbortError');
  });
});

describe('a process with a host', () => {
  const run = async (code: string) => {
    const script = `
      import { createFunctionHost } from './lib/local/function-host/function-host.ts';
      const spec = (name, module) => ({ name, entry: \`test/fixtures/functions/\${module}.ts\`, handler: name, environment: {}, timeoutSeconds: 20 });
      const host = createFunctionHost({ functions: [spec('wait', 'time'), spec('count', 'answers'), { ...spec('handler', 'crashes'), name: 'crash' }] });
      ${code}`;
    const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval'];
    const begun = performance.now();
    const done = await promisify(execFile)(process.execPath, [...flags, script], { cwd: ROOT });
    return { ...done, ms: performance.now() - begun };
  };

  test('ends by itself when nothing is in flight, without close', async () => {
    const { stdout, stderr, ms } = await run(`
      await host.prewarm();
      console.log(await host.invoke('count', '{}'));`);
    expect(stdout).toBe('1\n');
    expect(stderr).toBe('');
    expect(ms).toBeLessThan(5000);
  });

  test('waits for what is in flight', async () => {
    const { stdout } = await run(`
      host.invoke('wait', '{"ms":300}').then(console.log);`);
    expect(stdout).toBe('300\n');
  });

  test('goes on when a function crashes', async () => {
    const { stdout, stderr } = await run(`
      await host.invoke('crash', '{"arm":true}').catch(({ errorType }) => console.log(errorType));
      console.log(await host.invoke('count', '{}'));
      await host.close();`);
    expect(stdout).toBe('RangeError\n1\n');
    expect(stderr).toBe('');
  });
});
