import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { any, gather, race, type Workflow, workflow } from '../../lib/index.ts';
import type { Json } from '../../lib/json.ts';
import { act, deployed, execute } from '../asl/run/program.ts';
import { type Scenario, scenarios } from './scenario.ts';

const seed = 20_261_122;
const count = 500;

interface Told {
  readonly ok?: unknown;
  readonly error?: string;
  readonly ms: number;
  readonly ran: readonly number[];
  readonly cancelled: readonly number[];
}

const version = spawnSync('python3', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const [, minor = '0'] = /^Python 3\.(\d+)/.exec(version) ?? [];
// asyncio.timeout and TaskGroup came with 3.11.
const hasPython = Number(minor) >= 11;
if (!hasPython)
  console.warn('Parity with CPython is not tested: there is no python3 of 3.11 or later.');

function cpython(mode: 'gather' | 'group', all: readonly Scenario[]): readonly Told[] {
  const script = new URL('asyncio_runner.py', import.meta.url).pathname;
  const input = all.map((scenario) => JSON.stringify(scenario)).join('\n');
  const { stdout, stderr, status } = spawnSync('python3', [script, mode], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told);
}

// biome-ignore lint/suspicious/noExplicitAny: scenarios are made at random, so types say nothing.
type Loose = any;

function stepOf(scenario: Scenario): Loose {
  if ('act' in scenario) {
    const { act: value, ms, fail } = scenario;
    return act({ value, after: ms / 1000, fail }).retry({ maxAttempts: 0 });
  }
  if ('sequence' in scenario) return gather([() => inSequence(scenario.sequence)]);
  if ('guarded' in scenario) {
    const handler = ({ error }: { error: unknown }) => `caught ${error}`;
    const step = stepOf(scenario.guarded);
    return scenario.errors ? step.catch(scenario.errors, handler) : step.catch(handler);
  }
  if ('race' in scenario) return race(scenario.race.map(stepOf), timeoutOf(scenario));
  if ('any' in scenario) return any(scenario.any.map(stepOf), timeoutOf(scenario));
  const { gather: branches, settle, width, branchTimeout } = scenario;
  return gather(branches.map(stepOf), {
    ...timeoutOf(scenario),
    returnExceptions: settle,
    ...(width === undefined ? {} : { concurrency: width }),
    ...(branchTimeout === undefined ? {} : { branchTimeout }),
  });
}

function timeoutOf({ timeout }: { readonly timeout?: number }): { timeout?: number } {
  return timeout === undefined ? {} : { timeout };
}

async function inSequence(all: readonly Scenario[]): Promise<unknown> {
  const results: unknown[] = [];
  for (const each of all) results.push(await stepOf(each));
  return results;
}

async function ours(scenario: Scenario): Promise<Told> {
  const flow = (await workflow('parity', { input: z.object({}) }, async () =>
    stepOf(scenario),
  )) as Workflow;
  const outcome = await execute(deployed(flow));
  const stopped = outcome.stopped as number[];
  const ended = outcome.ended as number[];
  return {
    ...(outcome.status === 'SUCCEEDED'
      ? { ok: plain(outcome.output as Json, scenario) }
      : { error: outcome.error }),
    ms: Math.round(outcome.seconds * 1000),
    ran: ended.toSorted((a, b) => a - b),
    cancelled: stopped.toSorted((a, b) => a - b),
  };
}

/** Our shapes in asyncio's terms: slots without reasons, winners without names. */
function plain(value: Json, scenario: Scenario): unknown {
  if (typeof value === 'string') return value;
  if ('act' in scenario) return value;
  if ('guarded' in scenario) return plain(value, scenario.guarded);
  if ('sequence' in scenario) {
    const [results] = value as [Json[]];
    return results.map((each, index) => plain(each, scenario.sequence[index]!));
  }
  if ('race' in scenario || 'any' in scenario) {
    const { index, value: inner } = value as { index: number; value: Json };
    const branches = 'race' in scenario ? scenario.race : scenario.any;
    return { index, value: plain(inner, branches[index]!) };
  }
  return (value as Loose[]).map((slot, index) => {
    if (!scenario.settle) return plain(slot, scenario.gather[index]!);
    return slot.status === 'fulfilled'
      ? { fulfilled: plain(slot.value, scenario.gather[index]!) }
      : { rejected: slot.reason.error };
  });
}

describe.runIf(hasPython)(`${count} scenarios from seed ${seed}, run by CPython and by us`, () => {
  const all = scenarios(seed, count);
  let us: readonly Told[] = [];
  let gathers: readonly Told[] = [];
  let groups: readonly Told[] = [];

  beforeAll(async () => {
    const told: Told[] = [];
    for (const scenario of all) told.push(await ours(scenario));
    us = told;
    gathers = cpython('gather', all);
    groups = cpython('group', all);
  }, 300_000);

  it('hold enough of each kind: nesting, failures, limits, who is cancelled', () => {
    const having = (pattern: RegExp) =>
      all.filter((scenario) => pattern.test(JSON.stringify(scenario))).length;
    const kinds = [/"race"/, /"any"/, /"guarded"/, /"sequence"/, /"settle":true/, /"width"/];
    const more = [/"timeout"/, /"branchTimeout"/, /"fail"/, /"gather".*"gather".*"gather"/];
    for (const kind of [...kinds, ...more]) expect(having(kind), String(kind)).toBeGreaterThan(50);
    expect(us.filter(({ cancelled }) => cancelled.length > 0).length).toBeGreaterThan(100);
    expect(us.filter(({ error }) => error !== undefined).length).toBeGreaterThan(100);
  });

  it('give the same result or the same exception, at the same time', () => {
    const shown = ({ ok, error, ms }: Told, index: number) => ({ index, ok, error, ms });
    expect(us.map(shown)).toEqual(gathers.map(shown));
    expect(us.map(shown)).toEqual(groups.map(shown));
  });

  it('run and cancel the same acts as a TaskGroup', () => {
    const shown = ({ ran, cancelled }: Told, index: number) => ({ index, ran, cancelled });
    expect(us.map(shown)).toEqual(groups.map(shown));
  });

  it('differ from asyncio.gather in one thing: the siblings of a failure are stopped', () => {
    const different = us.filter((one, index) => {
      const other = gathers[index]!;
      return JSON.stringify(one.cancelled) !== JSON.stringify(other.cancelled);
    });
    expect(different.length).toBeGreaterThan(20);
    // It runs all that we run, and the siblings besides.
    for (const [index, one] of us.entries()) {
      expect(gathers[index]!.ran).toEqual(expect.arrayContaining([...one.ran]));
    }
  });
});
