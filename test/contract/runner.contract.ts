import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  InputInvalid,
  RunConflict,
  RunNotFound,
  UsageError,
  WorkflowNotFound,
} from '../../lib/errors.ts';
import type { Piece } from '../../lib/model/stream/piece.ts';
import { payloadOf, tagOf, writeReference } from '../../lib/payload/reference.ts';
import { fullShare } from '../../lib/payload/share.ts';
import type { PayloadStore } from '../../lib/payload/store.ts';
import type { Run, RunEvent } from '../../lib/run/run.ts';
import type { Runner } from '../../lib/run/runner.ts';
import { isTokens, type TokenEvent } from '../../lib/run/token-event.ts';
import { contractMachines } from './machines.ts';

export interface RunnerUnderTest {
  /** Knows exactly the workflows of `contractMachines`, and has no runs yet. */
  readonly runner: Runner;
  /** Tells some text as a model function of the run would. */
  readonly tell: (piece: Piece) => Promise<void>;
  /** Where the runner finds what steps put aside for its size. */
  readonly payloads: PayloadStore;
  readonly teardown: () => Promise<void>;
}

/**
 * What every Runner does, whatever is behind it. The suite calls `make` once, and once more for the
 * test of `close`.
 */
export function runnerContract(name: string, make: () => Promise<RunnerUnderTest>): void {
  describe(`the runner contract: ${name}`, () => {
    let made: RunnerUnderTest;
    let runner: Runner;
    beforeAll(async () => {
      made = await make();
      runner = made.runner;
    });
    afterAll(() => made?.teardown());

    it('lists the workflows that can be started', async () => {
      const workflows = [...(await runner.workflows())].sort((a, b) =>
        a.name.localeCompare(b.name),
      );
      expect(workflows).toEqual(
        contractMachines
          .map(({ name, description, inputSchema }) => ({ name, description, inputSchema }))
          .sort((a, b) => a.name.localeCompare(b.name)),
      );
    });

    it('starts a run, follows its events to the end and gives its result', async () => {
      const started = await runner.start('echo', { text: 'hi', times: 2 });
      expect(started.id).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
      expect(started.workflow).toBe('echo');
      const events = await all(runner.events('echo', started.id));
      expect(types(events)).toEqual([
        'ExecutionStarted',
        'PassStateEntered',
        'PassStateExited',
        'ExecutionSucceeded',
      ]);
      expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
      expect(events.every(({ run }) => run === started.id)).toBe(true);
      expect(events[1]?.details?.name).toBe('Echo');
      const run = await runner.get('echo', started.id);
      expect(run).toMatchObject({
        id: started.id,
        workflow: 'echo',
        status: 'SUCCEEDED',
        startedAt: started.startedAt,
        input: { text: 'hi', times: 2 },
        output: { text: 'hi', times: 2 },
        steps: [],
        price: null,
      });
      expect(Date.parse(stoppedAt(run))).toBeGreaterThanOrEqual(Date.parse(run.startedAt));
    });

    it('takes the id that it is given, and fills the defaults of the schema', async () => {
      const run = await runner.start('echo', { text: 'hi' }, { id: 'given_id-1' });
      expect(run).toMatchObject({ id: 'given_id-1', input: { text: 'hi', times: 1 } });
      expect(await ended(runner, run)).toMatchObject({ output: { text: 'hi', times: 1 } });
    });

    it('gathers in the order of the branches, not in that of their end', async () => {
      const run = await ended(runner, await runner.start('gathers', {}));
      expect(run).toMatchObject({ status: 'SUCCEEDED', output: ['late', 'early'] });
      const [gather, ...branches] = run.steps;
      expect(gather).toMatchObject({ name: 'Gather', kind: 'gather', status: 'SUCCEEDED' });
      expect(branches).toMatchObject([
        { name: 'Wait a second', kind: 'wait', parent: gather?.id, status: 'SUCCEEDED' },
      ]);
    });

    it('gives an output whole that a step had put aside, or as it stands in the data', async () => {
      const content = `${'é€😀"'.repeat(30_000)}.`;
      const text = await asideOf('large', content);
      const large = await runner.start('echo', { text }, { id: 'large' });
      expect(await ended(runner, large)).toMatchObject({ output: { text: content } });
      const get = runner.get('echo', 'large', { references: true });
      expect(await get).toMatchObject({ input: { text }, output: { text } });
      // Within another text, as in a prompt, and of a run of the same lineage.
      const id = 'large--reuse-0123456789';
      const joined = await runner.start('echo', { text: `Rank: ${text}!` }, { id });
      expect(await ended(runner, joined)).toMatchObject({ output: { text: `Rank: ${content}!` } });
    });

    it('tells a run that is stopped too late as it tells any other, whole', async () => {
      const content = 'x'.repeat(1000);
      const text = await asideOf('late', content);
      const run = await ended(runner, await runner.start('echo', { text }, { id: 'late' }));
      expect(run).toMatchObject({ output: { text: content } });
      expect(await runner.stop('echo', 'late')).toEqual(run);
    });

    it("leaves a text that refers to another run's value, or to none, as it is", async () => {
      const theirs = await asideOf('theirs', 'a secret of another run');
      const run = await ended(runner, await runner.start('echo', { text: theirs }, { id: 'mine' }));
      expect(run).toMatchObject({ status: 'SUCCEEDED', output: { text: theirs } });
      const payload = payloadOf('never stored', tagOf('gone'));
      const gone = writeReference(payload, fullShare);
      const lost = await ended(runner, await runner.start('echo', { text: gone }, { id: 'gone' }));
      expect(lost).toMatchObject({ status: 'SUCCEEDED', output: { text: gone } });
    });

    /** Puts a value aside as a step of that run does; what then stands in the run's data. */
    async function asideOf(run: string, content: string): Promise<string> {
      const payload = payloadOf(content, tagOf(run));
      await made.payloads.put(run, payload.reference.sha256, payload.content);
      return writeReference(payload, fullShare);
    }

    it('tells a failure by error and cause', async () => {
      const started = await runner.start('fails', {});
      const events = await all(runner.events('fails', started.id));
      expect(types(events)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
      expect(await runner.get('fails', started.id)).toMatchObject({
        status: 'FAILED',
        error: 'Contract.Failed',
        cause: 'It was asked to fail.',
      });
    });

    it('gives an open run while it goes on, and stops it', async () => {
      const { id } = await runner.start('slow', {});
      await seen(runner, 'slow', id, 'WaitStateEntered');
      const open = await runner.get('slow', id);
      expect(open).toMatchObject({ status: 'RUNNING', steps: [{ status: 'WAITING' }] });
      expect(open).not.toHaveProperty('stoppedAt');
      const stopped = await runner.stop('slow', id, 'Enough of it.');
      expect(stopped).toMatchObject({ status: 'ABORTED', error: null, cause: 'Enough of it.' });
      expect(stopped.steps).toMatchObject([{ name: 'Wait long', status: 'ABORTED' }]);
      expect(types(await all(runner.events('slow', id))).at(-1)).toBe('ExecutionAborted');
    });

    it('leaves a closed run as it is when it is stopped', async () => {
      const run = await ended(runner, await runner.start('echo', { text: 'x' }));
      expect(await runner.stop('echo', run.id, 'Too late.')).toEqual(run);
    });

    it('redrives a stopped run: the same run goes on with what had not succeeded', async () => {
      const { id, startedAt } = await runner.start('slow', { a: 1 });
      await seen(runner, 'slow', id, 'WaitStateEntered');
      await runner.stop('slow', id);
      const redriven = await runner.redrive('slow', id);
      expect(redriven).toMatchObject({ id, startedAt, status: 'RUNNING', input: { a: 1 } });
      expect((await runner.list('slow')).find((run) => run.id === id)).toMatchObject({
        status: 'RUNNING',
        stoppedAt: null,
      });
      await seen(runner, 'slow', id, 'ExecutionRedriven');
      expect(await runner.stop('slow', id)).toMatchObject({ status: 'ABORTED' });
    });

    it('redrives a failed run, which may fail again', async () => {
      const failed = await ended(runner, await runner.start('fails', {}));
      await runner.redrive('fails', failed.id);
      expect((await ended(runner, failed)).status).toBe('FAILED');
      const told = types(await all(runner.events('fails', failed.id)));
      expect(told.filter((type) => type === 'ExecutionFailed')).toHaveLength(2);
      expect(told.indexOf('ExecutionRedriven')).toBeGreaterThan(told.indexOf('ExecutionFailed'));
    });

    it('rejects to redrive a run that is open, has succeeded or is not there', async () => {
      const open = await runner.start('slow', {});
      await expect(runner.redrive('slow', open.id)).rejects.toThrow(RunConflict);
      await runner.stop('slow', open.id);
      const done = await ended(runner, await runner.start('echo', { text: 'x' }));
      await expect(runner.redrive('echo', done.id)).rejects.toThrow(RunConflict);
      await expect(runner.redrive('echo', 'unknown')).rejects.toThrow(RunNotFound);
      await expect(runner.redrive('nobody', done.id)).rejects.toThrow(WorkflowNotFound);
    });

    it('lists runs newest first, as many as it is asked for', async () => {
      const ids: string[] = [];
      for (const id of ['list-a', 'list-b', 'list-c']) {
        ids.unshift((await ended(runner, await runner.start('fails', {}, { id }))).id);
      }
      const listed = await runner.list('fails', { limit: 3 });
      expect(listed.map(({ id }) => id)).toEqual(ids);
      expect(listed[0]).toMatchObject({ workflow: 'fails', status: 'FAILED' });
      expect(Date.parse(listed[0]?.stoppedAt ?? '')).not.toBeNaN();
      expect(await runner.list('fails', { limit: 1 })).toHaveLength(1);
    });

    it('takes the same id and input while the run is open as the same run', async () => {
      const first = await runner.start('slow', { a: 1, b: [2] }, { id: 'once' });
      const second = await runner.start('slow', { b: [2], a: 1 }, { id: 'once' });
      expect(second).toMatchObject({ id: 'once', startedAt: first.startedAt, status: 'RUNNING' });
      const runs = await runner.list('slow');
      expect(runs.filter(({ id }) => id === 'once')).toHaveLength(1);
      await expect(runner.start('slow', { a: 2 }, { id: 'once' })).rejects.toThrow(RunConflict);
      await runner.stop('slow', 'once');
      await expect(runner.start('slow', { a: 1, b: [2] }, { id: 'once' })).rejects.toThrow(
        RunConflict,
      );
    });

    it('gives the same id in two workflows to two runs', async () => {
      const [a, b] = await Promise.all([
        runner.start('fails', {}, { id: 'shared' }),
        runner.start('echo', { text: 'x' }, { id: 'shared' }),
      ]);
      expect((await ended(runner, a)).status).toBe('FAILED');
      expect((await ended(runner, b)).status).toBe('SUCCEEDED');
    });

    it('rejects a workflow that it does not know', async () => {
      await expect(runner.start('nobody', {})).rejects.toThrow(WorkflowNotFound);
      await expect(runner.get('nobody', 'x')).rejects.toThrow(WorkflowNotFound);
      await expect(runner.list('nobody')).rejects.toThrow(WorkflowNotFound);
      await expect(runner.stop('nobody', 'x')).rejects.toThrow(WorkflowNotFound);
      await expect(all(runner.events('nobody', 'x'))).rejects.toThrow(WorkflowNotFound);
    });

    it('rejects a run that it does not know', async () => {
      for (const id of ['unknown', 'a b', 'x'.repeat(100)]) {
        await expect(runner.get('echo', id)).rejects.toThrow(RunNotFound);
        await expect(runner.stop('echo', id)).rejects.toThrow(RunNotFound);
        await expect(all(runner.events('echo', id))).rejects.toThrow(RunNotFound);
      }
    });

    it('rejects an input that does not fit and an id that cannot be, and starts nothing', async () => {
      const before = await runner.list('echo');
      await expect(runner.start('echo', { text: 7 })).rejects.toMatchObject({
        name: 'InputInvalid',
        problems: [{ path: '/text' }],
      });
      await expect(runner.start('echo', {})).rejects.toThrow(InputInvalid);
      const large = { text: 'x'.repeat(256 * 1024) };
      await expect(runner.start('echo', large)).rejects.toThrow(InputInvalid);
      await expect(runner.start('echo', { text: 'x' }, { id: 'a b' })).rejects.toThrow(UsageError);
      expect(await runner.list('echo')).toEqual(before);
    });

    it('gives the events after a given one', async () => {
      const { id } = await ended(runner, await runner.start('echo', { text: 'x' }));
      expect((await all(runner.events('echo', id, { after: 2 }))).map((e) => e.id)).toEqual([3, 4]);
      expect(await all(runner.events('echo', id, { after: 4 }))).toEqual([]);
    });

    it('ends the events without an error when the signal is aborted', async () => {
      const { id } = await runner.start('slow', {});
      const stop = new AbortController();
      const followed: string[] = [];
      for await (const event of runner.events('slow', id, { signal: stop.signal })) {
        followed.push(event.type);
        if (event.type === 'WaitStateEntered') stop.abort();
      }
      expect(followed).toEqual(['ExecutionStarted', 'WaitStateEntered']);
      expect(await all(runner.events('slow', id, { signal: stop.signal }))).toEqual([]);
      expect((await runner.get('slow', id)).status).toBe('RUNNING');
      await runner.stop('slow', id);
    });

    it('lets two follow one run, and ends both when it is stopped', async () => {
      const { id } = await runner.start('slow', {});
      const followers = [all(runner.events('slow', id)), all(runner.events('slow', id))];
      await seen(runner, 'slow', id, 'WaitStateEntered');
      await runner.stop('slow', id);
      const [one, other] = await Promise.all(followers);
      expect(types(one as RunEvent[]).at(-1)).toBe('ExecutionAborted');
      expect(other).toEqual(one);
    });

    it('tells the tokens of a run that is watched, in their order, until it is closed', async () => {
      const { id } = await runner.start('slow', {}, { watch: true, id: 'told' });
      expect(id).toBe('told--watched');
      const followed = collected(runner.events('slow', id, { afterTokens: 0 }));
      await seen(runner, 'slow', id, 'WaitStateEntered');
      await made.tell(pieceOf(id, 'one', 0, 'Half a '));
      await made.tell(pieceOf(id, 'other', 0, 'Another'));
      await made.tell(pieceOf(id, 'one', 1, 'word'));
      await runner.stop('slow', id);
      const told = await followed;
      const tokens = told.filter(isTokens);
      expect(tokens.map(({ step, index, text }) => [step, index, text])).toEqual([
        ['one', 0, 'Half a '],
        ['other', 0, 'Another'],
        ['one', 1, 'word'],
      ]);
      expect(tokens.map(({ position }) => position)).toEqual([1, 2, 3]);
      expect(tokens[0]).toMatchObject({ type: 'Tokens', run: id, workflow: 'slow', item: null });
      expect(told.filter((one) => !isTokens(one)).map(({ type }) => type)).toEqual([
        'ExecutionStarted',
        'WaitStateEntered',
        'ExecutionAborted',
      ]);
      expect(told.at(-1)?.type).toBe('ExecutionAborted');
    });

    it('takes tokens up after a position, while the run is open and a moment after it', async () => {
      const { id } = await runner.start('slow', {}, { watch: true });
      await seen(runner, 'slow', id, 'WaitStateEntered');
      for (const index of [0, 1, 2]) await made.tell(pieceOf(id, 'one', index, `${index}`));
      const first: (RunEvent | TokenEvent)[] = [];
      for await (const one of runner.events('slow', id, { afterTokens: 0 })) {
        first.push(one);
        if (isTokens(one) && one.position === 2) break;
      }
      const rest = collected(runner.events('slow', id, { after: 2, afterTokens: 2 }));
      await made.tell(pieceOf(id, 'one', 3, '3'));
      await runner.stop('slow', id);
      expect((await rest).filter(isTokens).map(({ text }) => text)).toEqual(['2', '3']);
      const late = await collected(runner.events('slow', id, { after: 2, afterTokens: 3 }));
      expect(late.filter(isTokens).map(({ text }) => text)).toEqual(['3']);
    });

    it('tells tokens to nobody who does not ask, and none of a run that is not watched', async () => {
      const watched = await runner.start('slow', {}, { watch: true });
      const plain = await runner.start('slow', {});
      for (const { id } of [watched, plain]) {
        await seen(runner, 'slow', id, 'WaitStateEntered');
        await made.tell(pieceOf(id, 'one', 0, 'x'));
        await runner.stop('slow', id);
      }
      expect(types(await all(runner.events('slow', watched.id)))).not.toContain('Tokens');
      const told = await collected(runner.events('slow', plain.id, { afterTokens: 0 }));
      expect(told.filter(isTokens)).toEqual([]);
    });

    it('rejects an id that has no room for being watched', async () => {
      const id = 'x'.repeat(72);
      await expect(runner.start('slow', {}, { watch: true, id })).rejects.toThrow(UsageError);
    });

    it('ends every follower when it is closed, and may be closed twice', async () => {
      const { runner: closing, teardown } = await make();
      const { id } = await closing.start('slow', {});
      const followed = all(closing.events('slow', id));
      await seen(closing, 'slow', id, 'WaitStateEntered');
      await closing.close();
      expect(types(await followed)).toContain('WaitStateEntered');
      await closing.close();
      await teardown();
    });
  });
}

const all = collected<RunEvent>;

async function collected<T>(events: AsyncIterable<T>): Promise<T[]> {
  const told: T[] = [];
  for await (const event of events) told.push(event);
  return told;
}

function pieceOf(run: string, step: string, index: number, text: string): Piece {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const answer = `${run}-${step}`;
  return { run, workflow: 'slow', step, startedAt, item: null, attempt: 1, answer, index, text };
}

function types(events: readonly RunEvent[]): string[] {
  return events.map(({ type }) => type);
}

/** Follows a run until an event of that type has come. */
async function seen(runner: Runner, workflow: string, id: string, type: string): Promise<void> {
  for await (const event of runner.events(workflow, id)) if (event.type === type) return;
  throw new Error(`Run ${id} of ${workflow} ended without ${type}.`);
}

/** The run when it is closed. */
async function ended(runner: Runner, { workflow, id }: Run): Promise<Run> {
  await all(runner.events(workflow, id));
  return runner.get(workflow, id);
}

function stoppedAt(run: Run): string {
  return run.status === 'RUNNING' ? '' : run.stoppedAt;
}
