import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../lib/run/run.ts';
import type { RunSummary } from '../../lib/run/runner.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { cloudgather, providersAt, runsFolder, start } from './command-line.ts';

const verdict = JSON.stringify({ ranking: ['gpt', 'claude', 'gemini'], why: 'Because.' });

/** Answers the three, and the judge as the test says: by an answer, by a fault, or not at all. */
async function providers() {
  const judge = { mode: 'answers' as 'answers' | 'refuses' | 'hangs' };
  const judged = Promise.withResolvers<void>();
  const server = await providerServer((request, response) => {
    if (!JSON.stringify(request.body).includes('You judge answers')) {
      return sendJson(response, 200, completion(`Answer at ${request.path.split('/')[1]}.`));
    }
    judged.resolve();
    if (judge.mode === 'answers') sendJson(response, 200, completion(verdict));
    if (judge.mode === 'refuses') sendJson(response, 404, { error: { code: 'model_not_found' } });
  });
  const folder = runsFolder();
  const environment = { ...providersAt(server.origin), CLOUDGATHER_RUNS: folder };
  return { judge, judged: judged.promise, server, folder, environment };
}

/** A run whose process was killed while the judge thought. */
async function interrupted(id: string) {
  const setting = await providers();
  setting.judge.mode = 'hangs';
  const { child } = start(['run', 'panel', '--id', id, 'why?'], setting.environment);
  await setting.judged;
  child.kill('SIGKILL');
  await once(child, 'exit');
  setting.judge.mode = 'answers';
  return setting;
}

describe('cloudgather runs and show', () => {
  it('say that there are none, and make no file', async () => {
    const { code, stdout, stderr } = await cloudgather(['runs']);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toBe("There are no runs yet. 'cloudgather run' starts one.\n");
    expect((await cloudgather(['runs', '--json'])).stdout).toBe('[]\n');
  });

  it('tell of runs of earlier processes: steps, attempts, tokens, price, output', async () => {
    const { environment } = await providers();
    await cloudgather(['run', 'panel', '--id', 'first-run', 'why?'], environment);
    await cloudgather(['run', 'panel', '--id', 'second-run', 'how?'], environment);
    const listed = await cloudgather(['runs', 'panel'], environment);
    expect(listed.stdout).toMatch(
      /^second-run {2}panel {2}succeeded {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, took [\d.]+ s\nfirst-run /,
    );
    const summaries = JSON.parse((await cloudgather(['runs', '--json'], environment)).stdout);
    expect(summaries.map(({ id }: RunSummary) => id)).toEqual(['second-run', 'first-run']);

    const shown = await cloudgather(['show', 'fir'], environment);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(
      /^panel first-run\nstarted .*, ended .*\n\ninput\n {2}question why\?/,
    );
    expect(shown.stdout).toMatch(
      /^ {4}claude {2}succeeded after [\d.]+ s, 17 tokens, .*test-model-2026-01-01$/m,
    );
    expect(shown.stdout).toMatch(/^output$[\s\S]*Answer at anthropic\.[\s\S]*why Because\./m);

    const json = await cloudgather(['show', 'second-run', '--json'], environment);
    expect(JSON.parse(json.stdout)).toMatchObject({
      id: 'second-run',
      status: 'SUCCEEDED',
      input: { question: 'how?' },
      output: { verdict: { why: 'Because.' } },
    });
    const events = await cloudgather(['show', 'second-run', '--events'], environment);
    expect(events.stdout).toMatch(
      /^ +1 +0 {2}[\d:.]+ {2}ExecutionStarted\n +2 +0 .*ParallelStateEntered {2}answers\n/,
    );
  });

  it('tell an interrupted run from one that goes on', async () => {
    const { environment, judge, judged, server } = await providers();
    judge.mode = 'hangs';
    const { child } = start(['run', 'panel', '--id', 'here', 'why?'], environment);
    await judged;
    const status = async () => (await cloudgather(['runs'], environment)).stdout;
    expect(await status()).toMatch(/^here {2}panel {2}running {2}/);
    expect((await cloudgather(['show', 'here'], environment)).stdout).toContain(
      'panel is running.',
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await status()).toMatch(/^here {2}panel {2}interrupted {2}/);
    expect((await cloudgather(['show', 'here'], environment)).stdout).toContain(
      "panel was interrupted: the process that ran it has ended. 'cloudgather resume here' goes on with it.",
    );
    expect(server.received).toHaveLength(4);
  });

  it('fail for an id that names no run, or several', async () => {
    const { environment } = await providers();
    for (const id of ['ab1', 'ab2']) {
      await cloudgather(['run', 'panel', '--id', id, 'why?'], environment);
    }
    for (const command of ['show', 'stop', 'redrive', 'resume']) {
      const none = await cloudgather([command, 'x'], environment);
      expect([none.code, none.stdout]).toEqual([2, '']);
      expect(none.stderr).toBe(
        "There is no run whose id is or begins with 'x'. 'cloudgather runs' lists them.\n",
      );
      const several = await cloudgather([command, 'ab'], environment);
      expect([several.code, several.stderr]).toEqual([
        2,
        "'ab' means 2 runs: panel ab2, panel ab1. Write more of the id.\n",
      ]);
    }
  });

  it('fail in a full sentence for a store that is no database, or that a newer version wrote', async () => {
    const folder = runsFolder();
    const file = path.join(folder, 'runs.sqlite');
    writeFileSync(file, 'this is not a database. '.repeat(100));
    const environment = { CLOUDGATHER_RUNS: folder };
    const damaged = await cloudgather(['runs'], environment);
    expect(damaged.code).toBe(2);
    expect(damaged.stderr).toMatch(/^The run store .*runs\.sqlite is not a run store: .*\.\n$/);
    expect((await cloudgather(['run', 'panel'], environment)).code).toBe(2);

    writeFileSync(file, '');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const newer = await cloudgather(['runs'], environment);
    expect([newer.code, newer.stdout]).toEqual([2, '']);
    expect(newer.stderr).toMatch(
      /has the form 99; this version of Cloudgather knows the forms up to/,
    );
  });
});

describe('cloudgather resume', () => {
  it('goes on with a killed run: what had succeeded is not asked again', async () => {
    const { environment, server } = await interrupted('cut');
    const { code, stdout } = await cloudgather(['resume', 'cut', '--json'], environment);
    expect(code).toBe(0);
    const run = JSON.parse(stdout) as Run;
    expect(run).toMatchObject({
      id: 'cut',
      status: 'SUCCEEDED',
      output: { verdict: { why: 'Because.' } },
    });
    // Three answers and the judge, who was cut off, and the judge again.
    expect(server.received).toHaveLength(5);
    const judge = run.steps.find(({ name }) => name === 'verdict');
    expect(judge).toMatchObject({ status: 'SUCCEEDED', attempts: 2 });
    const shown = await cloudgather(['show', 'cut'], environment);
    expect(shown.stdout).toMatch(/^resumed \d{4}-.*, after event 23$/m);
    expect(shown.stdout).toMatch(/^ {2}verdict .*, 2 attempts, /m);
  });

  it('is refused for a run that is closed', async () => {
    const { environment } = await providers();
    await cloudgather(['run', 'panel', '--id', 'done', 'why?'], environment);
    const { code, stderr } = await cloudgather(['resume', 'done'], environment);
    expect([code, stderr]).toEqual([
      2,
      "Workflow 'panel' has a run 'done' which is closed (SUCCEEDED).\n",
    ]);
  });

  it('is refused for a run whose process lives, and a start by its id points at it once that is dead', async () => {
    const { environment, judge, judged } = await providers();
    judge.mode = 'hangs';
    const { child } = start(['run', 'panel', '--id', 'one', 'why?'], environment);
    await judged;
    const live = await cloudgather(['resume', 'one'], environment);
    expect([live.code, live.stderr]).toEqual([
      2,
      "Workflow 'panel' has a run 'one' which goes on: the process that runs it lives.\n",
    ]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = await cloudgather(['run', 'panel', '--id', 'one', 'why?'], environment);
    expect([again.code, again.stderr]).toEqual([
      2,
      "Workflow 'panel' has a run 'one' already, which was interrupted: resume that one.\n",
    ]);
  });
});

describe('cloudgather redrive', () => {
  it('runs again what failed, and only that', async () => {
    const { environment, judge, server } = await providers();
    judge.mode = 'refuses';
    const failed = await cloudgather(['run', 'panel', '--id', 'broken', 'why?'], environment);
    expect(failed.code).toBe(1);
    const before = server.received.length;
    judge.mode = 'answers';
    const { code, stdout } = await cloudgather(['redrive', 'bro', '--json'], environment);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: 'broken', status: 'SUCCEEDED' });
    expect(server.received).toHaveLength(before + 1);
    const again = await cloudgather(['redrive', 'broken'], environment);
    expect([again.code, again.stderr]).toEqual([
      2,
      "Workflow 'panel' has a run 'broken' which has succeeded: there is nothing to run again.\n",
    ]);
  });

  it('gives 1 when it fails again', async () => {
    const { environment, judge } = await providers();
    judge.mode = 'refuses';
    await cloudgather(['run', 'panel', '--id', 'broken', 'why?'], environment);
    const { code, stderr } = await cloudgather(['redrive', 'broken'], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^panel failed: Model\.Rejected: /m);
  });
});

describe('cloudgather stop', () => {
  it('stops a run of another process, which ends at once and says so', async () => {
    const { environment, judge, judged } = await providers();
    judge.mode = 'hangs';
    const running = start(['run', 'panel', '--id', 'long', 'why?'], environment);
    await judged;
    const stopped = await cloudgather(['stop', 'long'], environment);
    expect([stopped.code, stopped.stderr]).toEqual([
      0,
      "panel was stopped: Stopped by 'cloudgather stop'.\n",
    ]);
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("panel was stopped: Stopped by 'cloudgather stop'.");
  });

  it('closes an interrupted run, which can be redriven', async () => {
    const { environment, server } = await interrupted('cut');
    expect((await cloudgather(['stop', 'cut'], environment)).code).toBe(0);
    expect((await cloudgather(['runs'], environment)).stdout).toMatch(/^cut {2}panel {2}aborted /);
    expect((await cloudgather(['redrive', 'cut'], environment)).code).toBe(0);
    expect(server.received).toHaveLength(5);
  });
});
