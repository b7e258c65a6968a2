import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { UsageError } from '../../lib/errors.ts';
import { compileWorkflow, each, gather, model, workflow } from '../../lib/index.ts';
import { createLocalRunner, type LocalRunner } from '../../lib/local/local-runner.ts';
import type { RunEvent } from '../../lib/run/run.ts';
import type { WatchOptions } from '../../lib/run/runner.ts';
import { isTokens, type TokenEvent } from '../../lib/run/token-event.ts';
import type { ProviderServer } from '../model/provider-server.ts';
import { send, spoken, words } from '../model/stream/spoken.ts';
import { said } from '../model/stream/streaming-server.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

const ask = model({ model: 'openai:m' });
const input = z.object({ words: z.array(z.string()).default(['a', 'b']) });

const pair = compileWorkflow(
  await workflow('pair', { input }, async () =>
    gather({ one: ask({ prompt: 'one' }), other: ask({ prompt: 'other' }) }),
  ),
);
const list = compileWorkflow(
  await workflow('list', { input }, async ({ words }) =>
    each(words, (word) => ask({ prompt: word }).named('note')),
  ),
);

function runnerOver(server: ProviderServer): LocalRunner {
  const runner = createLocalRunner({
    workflows: [pair, list],
    folder: temporaryFolder(),
    environment: { OPENAI_BASE_URL: server.baseURL },
  });
  onTestFinished(() => runner.close());
  return runner;
}

/** Follows a run to its end. */
async function watched(
  runner: LocalRunner,
  id: string,
  options: Partial<WatchOptions> = {},
  name = 'pair',
): Promise<(RunEvent | TokenEvent)[]> {
  const told: (RunEvent | TokenEvent)[] = [];
  for await (const one of runner.events(name, id, { afterTokens: 0, ...options })) told.push(one);
  return told;
}

function textsOf(told: readonly (RunEvent | TokenEvent)[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { step, item, attempt, text } of told.filter(isTokens)) {
    const key = `${step}${item === null ? '' : `[${item}]`}#${attempt}`;
    texts[key] = (texts[key] ?? '') + text;
  }
  return texts;
}

describe('a run that is watched', () => {
  test('tells the text of each branch while it comes, before the branch has ended', async () => {
    const runner = runnerOver(await spoken());
    const { id } = await runner.start('pair', {}, { watch: true });
    expect(id).toMatch(/--watched$/);
    const told = await watched(runner, id);
    expect(textsOf(told)).toEqual({ 'one#1': 'one says so', 'other#1': 'other says so' });
    const tokens = told.filter(isTokens);
    expect(tokens.map(({ position }) => position)).toEqual(tokens.map((_, at) => at + 1));
    expect(tokens[0]).toMatchObject({ type: 'Tokens', run: id, workflow: 'pair', index: 0 });
    expect(tokens.length).toBeGreaterThan(3);
    const types = told.map((one) => one.type);
    expect(types.lastIndexOf('Tokens')).toBeLessThan(types.lastIndexOf('LambdaFunctionSucceeded'));
    expect(types.indexOf('Tokens')).toBeGreaterThan(types.indexOf('LambdaFunctionScheduled'));
    expect(await runner.get('pair', id)).toMatchObject({
      output: { one: 'one says so', other: 'other says so' },
      usage: { totalTokens: 34 },
    });
  });

  test('tells the items of an each apart', async () => {
    const runner = runnerOver(await spoken());
    const { id } = await runner.start('list', { words: ['x', 'y'] }, { watch: true });
    expect(textsOf(await watched(runner, id, {}, 'list'))).toEqual({
      'note[0]#1': 'x says so',
      'note[1]#1': 'y says so',
    });
  });

  test('is resumed by position, without a gap and without a repetition', async () => {
    const runner = runnerOver(await spoken());
    const { id } = await runner.start('pair', {}, { watch: true });
    const told: (RunEvent | TokenEvent)[] = [];
    let after = 0;
    let afterTokens = 0;
    for (let isOver = false; !isOver; ) {
      isOver = true;
      for await (const one of runner.events('pair', id, { after, afterTokens })) {
        told.push(one);
        if (isTokens(one)) afterTokens = one.position;
        else after = one.id;
        isOver = false;
        break;
      }
    }
    const tokens = told.filter(isTokens);
    expect(tokens.map(({ position }) => position)).toEqual(tokens.map((_, at) => at + 1));
    expect(textsOf(told)).toEqual({ 'one#1': 'one says so', 'other#1': 'other says so' });
  });

  test('tells one who comes late all that was told', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const runner = runnerOver(
      await spoken(async (prompt, response) => {
        send(response, said(prompt));
        await held;
        await words('', response);
      }),
    );
    const { id } = await runner.start('pair', {}, { watch: true });
    const first = watched(runner, id);
    for await (const one of runner.events('pair', id, { afterTokens: 0 })) {
      if (isTokens(one) && one.position === 2) break;
    }
    const late = watched(runner, id);
    release();
    expect((await late).filter(isTokens)).toEqual((await first).filter(isTokens));
  });

  test('begins another answer when a stream broke and the call is made again', async () => {
    let calls = 0;
    const runner = runnerOver(
      await spoken(async (prompt, response) => {
        calls += 1;
        if (prompt !== 'one' || calls > 2) return words(prompt, response);
        send(response, said('Half'));
        await sleep(50);
        response.destroy();
      }),
    );
    const { id } = await runner.start('pair', {}, { watch: true });
    const told = await watched(runner, id);
    expect(textsOf(told)).toEqual({
      'one#1': 'Half',
      'one#2': 'one says so',
      'other#1': 'other says so',
    });
    const ones = told.filter(isTokens).filter(({ step }) => step === 'one');
    expect(new Set(ones.map(({ answer }) => answer)).size).toBe(2);
    expect(ones.find(({ attempt }) => attempt === 2)?.index).toBe(0);
  });

  test('does not wait for a watcher that is slow or has gone', async () => {
    const runner = runnerOver(await spoken());
    const { id } = await runner.start('pair', {}, { watch: true });
    const gone = runner.events('pair', id, { afterTokens: 0 })[Symbol.asyncIterator]();
    await gone.next();
    await gone.return?.();
    const slow = runner.events('pair', id, { afterTokens: 0 })[Symbol.asyncIterator]();
    await slow.next();
    await watched(runner, id);
    expect((await runner.get('pair', id)).status).toBe('SUCCEEDED');
    const rest: (RunEvent | TokenEvent)[] = [];
    for (let one = await slow.next(); !one.done; one = await slow.next()) rest.push(one.value);
    expect(textsOf(rest)).toEqual({ 'one#1': 'one says so', 'other#1': 'other says so' });
  });

  test('ends its requests at the provider when it is stopped in the middle', async () => {
    const server = await spoken(async (prompt, response) => send(response, said(prompt)));
    const runner = runnerOver(server);
    const { id } = await runner.start('pair', {}, { watch: true });
    for await (const one of runner.events('pair', id, { afterTokens: 0 })) {
      if (isTokens(one) && one.position === 2) await runner.stop('pair', id);
    }
    expect((await runner.get('pair', id)).status).toBe('ABORTED');
    await Promise.all(server.received.map(({ dropped }) => dropped));
  });

  test('tells its tokens once more to one who comes back after it has closed', async () => {
    const runner = runnerOver(await spoken());
    const { id } = await runner.start('pair', {}, { watch: true });
    const told = await watched(runner, id);
    expect(await watched(runner, id)).toEqual(told);
    const last = told.filter(isTokens).at(-1);
    const rest = await watched(runner, id, { afterTokens: (last?.position ?? 0) - 1 });
    expect(rest.filter(isTokens)).toEqual([last]);
  });

  test('goes on telling when it is redriven, under later positions', async () => {
    let calls = 0;
    const runner = runnerOver(
      await spoken(async (prompt, response) => {
        calls += 1;
        if (prompt === 'other' && calls < 3) {
          send(response, { error: { code: 400, message: 'No.' } });
          return void response.end();
        }
        return words(prompt, response);
      }),
    );
    const { id } = await runner.start('pair', {}, { watch: true });
    const told = await watched(runner, id);
    expect((await runner.get('pair', id)).status).toBe('FAILED');
    const position = told.filter(isTokens).at(-1)?.position ?? 0;
    await runner.redrive('pair', id);
    const after = told.filter((one) => !isTokens(one)).length;
    const more = await watched(runner, id, { after, afterTokens: position });
    expect(textsOf(more)['other#1']).toBe('other says so');
    expect(more.filter(isTokens).every((one) => one.position > position)).toBe(true);
    expect((await runner.get('pair', id)).status).toBe('SUCCEEDED');
  });

  test('has an id that says so, whichever it was given', async () => {
    const runner = runnerOver(await spoken());
    const first = await runner.start('pair', {}, { watch: true, id: 'monday' });
    const again = await runner.start('pair', {}, { watch: true, id: first.id });
    expect([first.id, again.id]).toEqual(['monday--watched', 'monday--watched']);
    await expect(runner.start('pair', {}, { watch: true, id: 'x'.repeat(72) })).rejects.toThrow(
      UsageError,
    );
  });
});

describe('a run that nobody watches', () => {
  test('asks for no stream and tells no tokens', async () => {
    const server = await spoken();
    const runner = runnerOver(server);
    const { id } = await runner.start('pair', {});
    const told = await watched(runner, id);
    expect(told.filter(isTokens)).toEqual([]);
    expect(server.received).toHaveLength(2);
    expect(server.received.map(({ body }) => Object.keys(body))).toEqual([
      ['model', 'messages'],
      ['model', 'messages'],
    ]);
  });

  test('tells tokens to nobody who does not ask for them', async () => {
    const runner = runnerOver(await spoken());
    const { id } = await runner.start('pair', {}, { watch: true });
    const types: string[] = [];
    for await (const { type } of runner.events('pair', id)) types.push(type);
    expect(types).not.toContain('Tokens');
    expect(types.at(-1)).toBe('ExecutionSucceeded');
  });
});
