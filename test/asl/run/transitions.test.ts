import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  any,
  approval,
  call,
  each,
  fail,
  fromS3,
  gather,
  lt,
  quorum,
  race,
  repeat,
  type Symbolic,
  sleep,
  toS3,
  when,
  workflow,
} from '../../../lib/index.ts';
import { memoryStore } from '../../conformance/memory-store.ts';
import { act, run } from './program.ts';

const input = z.object({ n: z.number() });
const three = () =>
  [act({ value: 1 }), act({ value: 2, after: 1 }), act({ value: 3, after: 2 })] as const;
const inner = await workflow('inner', { input: z.object({}) }, async () => {
  await act({});
  return await act({});
});

type Body = (input: { readonly n: Symbolic<number> }) => Promise<unknown>;

const programs: Readonly<Record<string, Body>> = {
  'one step': async () => act({}),
  'three steps, one after the other': async () => [await act({}), await act({}), await act({})],
  'a workflow that awaits nothing': async ({ n }) => n,
  'gather of three': async () => gather(three()),
  'gather of nothing, beside one step': async () => [await gather([]), await act({})],
  'gather of three, one rejected, with returnExceptions': async () =>
    gather([act({}), act({ fail: 'A' }), act({})], { returnExceptions: true }),
  'gather of three, tolerate, a step after it': async () => {
    await gather(three(), { tolerate: 1 });
    return await act({});
  },
  'gather of three, concurrency 2': async () => gather(three(), { concurrency: 2 }),
  'gather of two, timeout': async () => gather([act({}), act({ after: 1 })], { timeout: 9 }),
  'gather of two, branchTimeout, single tasks that are not retried': async () =>
    gather([act({}).retry({ maxAttempts: 0 }), act({}).retry({ maxAttempts: 0 })], {
      branchTimeout: 9,
    }),
  'any of three, a step after it': async () => {
    await any(three());
    return await act({});
  },
  'any of three, at the end': async () => any(three()),
  'race of two, timeout, a step after it': async () => {
    await race([act({ after: 1 }), act({ after: 2 })], { timeout: 9 });
    return await act({});
  },
  'quorum of two of three, the third is stopped, at the end': async () => quorum(2, three()),
  'quorum of two of three, the first fails, a step after it': async () => {
    await quorum(2, [act({ fail: 'A' }), act({ after: 1 }), act({ after: 2 })]);
    return await act({});
  },
  'quorum of one of three, the others are stopped, timeout': async () =>
    quorum(1, three(), { timeout: 9 }),
  'quorum of three of three': async () => quorum(3, three()),
  'quorum of two of three, out of reach': async () =>
    quorum(2, [act({ fail: 'A' }), act({ fail: 'B', after: 1 }), act({ after: 2 })]),
  'each of four items': async () => each([1, 2, 3, 4], (item) => act({ value: item })),
  'each of four items, distributed': async () =>
    each([1, 2, 3, 4], (item) => act({ value: item }), { distributed: true }),
  'each of four items, in batches of three': async () =>
    each([1, 2, 3, 4], (batch) => act({ value: batch }), { batch: 3 }),
  'each of two items that were written to S3 by another each of two': async () => {
    const written = await each([1, 2], (item) => act({ value: item }), {
      writeTo: toS3({ bucket: 'results' }),
    });
    return each(fromS3(written), (item) => act({ value: item }));
  },
  'when with a step on either side': async ({ n }) => when(lt(n, 0), act({}), act({})),
  'when with data on the side that is taken, a step after it': async ({ n }) => {
    const value = await when(lt(n, 0), act({}), 'data');
    return await act({ value });
  },
  'when with data on the side that is taken, at the end': async ({ n }) =>
    when(lt(n, 0), act({}), 'data'),
  'else if, the third case': async ({ n }) =>
    when(lt(n, -1), act({}), when(lt(n, 0), act({}), act({}))),
  'repeat of one step, three turns, between two steps': async () => {
    await act({});
    const last = await repeat({ start: 0, most: 3 }, (value) => act({ value }));
    return await act({ value: last });
  },
  'repeat of one step, three turns, alone': async () =>
    repeat({ start: 0, most: 3 }, (value) => act({ value })),
  'catch that gives data, a step after it': async () => {
    const value = await act({ fail: 'A' }).catch(() => 'data');
    return await act({ value });
  },
  'catch that gives data, at the end': async () => act({ fail: 'A' }).catch(() => 'data'),
  'catch that runs a step': async () => act({ fail: 'A' }).catch(() => act({})),
  sleep: async () => sleep(1),
  approval: async () => approval({ question: 'Go on?', timeout: 60 }),
  'approval, its default holds, a step after it': async () => {
    const name = 'nobody is there';
    const said = approval({ name, question: 'Go on?', timeout: 60, default: { approved: false } });
    return act({ value: (await said).approved });
  },
  'approval, its default holds, at the end': async () => {
    const name = 'nobody is there';
    return approval({ name, question: 'Go on?', timeout: 60, default: { approved: false } });
  },
  fail: async () => fail('A'),
  'fail under a catch': async () => fail('A').catch(() => 'data'),
  'call of a workflow of two steps': async () => call(inner, {}),
  'call of a workflow of two steps, an execution of its own': async () =>
    call(inner, {}, { execution: 'own' }),
};

/** The table of docs/language.md, 'What it costs'. */
function documented(): ReadonlyMap<string, number> {
  const text = readFileSync(new URL('../../../docs/language.md', import.meta.url), 'utf8');
  const rows = text.matchAll(/^\| ([^|`]+) \| (\d+) \|$/gm);
  return new Map([...rows].map(([, program = '', count]) => [program, Number(count)]));
}

describe('docs/language.md', () => {
  it('names the transitions of every program here, and of no other', () => {
    expect([...documented().keys()]).toEqual(Object.keys(programs));
  });

  it.each([...documented()])('%s: %i', async (program, count) => {
    const body = programs[program] as Body;
    const flow = await workflow('counted', { input }, (given) => body(given));
    expect((await run(flow, { n: 0 }, memoryStore())).transitions).toBe(count);
  });
});
