import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  agent,
  any,
  compileWorkflow,
  each,
  eq,
  gather,
  model,
  race,
  task,
  tool,
  type Workflow,
  when,
  workflow,
} from '../../lib/index.ts';
import type { Json } from '../../lib/json.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import type { numbers, page, text, unless } from '../fixtures/functions/large.ts';
import * as large from '../fixtures/functions/large.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

const entry = 'test/fixtures/functions/large.ts';
const write = task<typeof text>(entry, { handler: 'text' });
const writePage = task<typeof page>(entry, { handler: 'page' });
const count = task<typeof numbers>(entry, { handler: 'numbers' });
// biome-ignore lint/suspicious/noExplicitAny: it measures what it is given.
const measure = task<(given: any) => large.Measure>(entry, { handler: 'measure' });
const waitFor = task<typeof unless>(entry, { handler: 'unless' });
const ask = model({ model: 'openai:m' });

const KB = 1000;

function open(
  flow: Workflow,
  environment: Record<string, string> = {},
  folder = temporaryFolder(),
) {
  const runner = createLocalRunner({ workflows: [compileWorkflow(flow)], folder, environment });
  onTestFinished(() => runner.close());
  return { runner, folder };
}

/** Runs the workflow to its end; how many values were put aside. */
async function run(flow: Workflow, input: Json = {}, environment: Record<string, string> = {}) {
  const { runner, folder } = open(flow, environment);
  const { id } = await runner.start(flow.name, input);
  for await (const _ of runner.events(flow.name, id));
  const ended = await runner.get(flow.name, id);
  return { ended, output: 'output' in ended ? ended.output : undefined, aside: aside(folder), id };
}

function aside(folder: string): string[] {
  const payloads = path.join(folder, 'payloads');
  if (!existsSync(payloads)) return [];
  return readdirSync(payloads).flatMap((prefix) => readdirSync(path.join(payloads, prefix)));
}

const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

it('gathers 10 results of 200 KB each, and gives them whole', async () => {
  const flow = await workflow('ten', { input: z.object({}) }, async () =>
    gather(words.map((word) => write({ bytes: 200 * KB, word }))),
  );
  const { ended, output, aside } = await run(flow);
  expect(ended).toMatchObject({ status: 'SUCCEEDED' });
  expect(output).toEqual(words.map((word) => large.text({ bytes: 200 * KB, word })));
  expect(aside).toHaveLength(10);
});

it('gathers objects and lists, nested, with returnExceptions, and gives them whole', async () => {
  const flow = await workflow('nested', { input: z.object({}) }, async () =>
    gather(
      {
        pages: gather(words.slice(0, 4).map((word) => writePage({ bytes: 90 * KB, word }))),
        lists: gather([count({ bytes: 150 * KB }), count({ bytes: 160 * KB })]),
        one: write({ bytes: 200 * KB, word: 'é€😀"\\' }),
      },
      { returnExceptions: true },
    ),
  );
  const { output } = await run(flow);
  const value = {
    pages: words.slice(0, 4).map((word) => large.page({ bytes: 90 * KB, word })),
    lists: [large.numbers({ bytes: 150 * KB }), large.numbers({ bytes: 160 * KB })],
    one: large.text({ bytes: 200 * KB, word: 'é€😀"\\' }),
  };
  expect(output).toEqual(
    Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, { status: 'fulfilled', value: each }]),
    ),
  );
});

it('joins 50 results of 20 KB of an each', async () => {
  const input = z.object({ items: z.array(z.string()) });
  const flow = await workflow('fifty', { input }, async ({ items }) =>
    each(items, (word) => write({ bytes: 20 * KB, word })),
  );
  const items = Array.from({ length: 50 }, (_, i) => `word ${i} `);
  const { output, aside } = await run(flow, { items });
  expect(output).toEqual(items.map((word) => large.text({ bytes: 20 * KB, word })));
  expect(aside).toHaveLength(50);
});

it('joins 30 results of 20 KB of an each over a computed list, in executions of their own too', async () => {
  const flow = await workflow('computed', { input: z.object({}) }, async () => {
    const { numbers } = await count({ bytes: 150 });
    const inline = await each(numbers, (_, index) => write({ bytes: 20 * KB, word: `${index}.` }));
    const apart = await each(
      numbers,
      async (_, index) => {
        const made = await write({ bytes: 20 * KB, word: `${index}!` });
        return made;
      },
      { distributed: true },
    );
    return { inline, apart };
  });
  const { ended, output } = await run(flow);
  expect(ended).toMatchObject({ status: 'SUCCEEDED' });
  const all = (mark: string) =>
    Array.from({ length: 30 }, (_, i) => large.text({ bytes: 20 * KB, word: `${i}${mark}` }));
  expect(output).toEqual({ inline: all('.'), apart: all('!') });
});

it('puts 200 KB into a prompt, alone and inside of an object, whole', async () => {
  const asked: string[] = [];
  const server = await providerServer(({ body }, response) => {
    const { messages } = body as { messages: { content: string }[] };
    asked.push(messages[0]?.content ?? '');
    sendJson(response, 200, completion('Fine.'));
  });
  const flow = await workflow('prompt', { input: z.object({}) }, async () => {
    const answers = await gather({
      long: write({ bytes: 200 * KB }),
      page: writePage({ bytes: 200 * KB, word: 'He said "yes".\n' }),
    });
    return ask({ prompt: `Rank: ${answers.long}, ${answers}` });
  });
  const { output } = await run(flow, {}, { OPENAI_BASE_URL: server.baseURL });
  const long = large.text({ bytes: 200 * KB });
  const page = large.page({ bytes: 200 * KB, word: 'He said "yes".\n' });
  expect(asked).toEqual([`Rank: ${long}, ${JSON.stringify({ long, page })}`]);
  expect(output).toBe('Fine.');
});

it('passes large results to a task whole, and a condition on what is kept is right', async () => {
  const flow = await workflow('task', { input: z.object({}) }, async () => {
    const [counted, page] = await gather([
      count({ bytes: 300 * KB }),
      writePage({ bytes: 300 * KB, word: 'p' }),
    ]);
    const measured = await measure({ counted, all: [page.body, page.title] });
    const seen = await when(
      eq(page.title, 'p'),
      async () => measure({ is: 'p' }),
      async () => measure({ is: 'none' }),
    );
    return { measured, seen };
  });
  const counted = large.numbers({ bytes: 300 * KB });
  const { title, body } = large.page({ bytes: 300 * KB, word: 'p' });
  const { output } = await run(flow);
  expect(output).toEqual({
    measured: large.measure({ counted, all: [body, title] }),
    seen: large.measure({ is: 'p' }),
  });
});

it('lets a winner of 200 KB leave a race, an any and a deadline', async () => {
  const flow = await workflow('winners', { input: z.object({}) }, async () => {
    const raced = await race([write({ bytes: 200 * KB, word: 'r' })]);
    const first = await any({ a: writePage({ bytes: 200 * KB, word: 'a' }) });
    const late = await gather([write({ bytes: 40 * KB, word: 'l' })], { timeout: '1 minute' });
    return { raced, first, late };
  });
  const { ended, output } = await run(flow);
  expect(ended).toMatchObject({ status: 'SUCCEEDED' });
  expect(output).toEqual({
    raced: { name: '0', index: 0, value: large.text({ bytes: 200 * KB, word: 'r' }) },
    first: { name: 'a', index: 0, value: large.page({ bytes: 200 * KB, word: 'a' }) },
    late: [large.text({ bytes: 40 * KB, word: 'l' })],
  });
});

it('lets an agent read a tool result of 300 KB', async () => {
  const asked: unknown[] = [];
  const server = await providerServer(({ body }, response) => {
    const { messages } = body as { messages: { role: string; content: string }[] };
    asked.push(messages.at(-1));
    const call = { id: 'c1', type: 'function', function: { name: 'read', arguments: '{}' } };
    const reply = completion(asked.length > 3 ? 'Read it.' : '');
    const [choice] = (reply as { choices: unknown }).choices as {
      message: object;
      finish_reason: string;
    }[];
    if (asked.length <= 3 && choice) {
      Object.assign(choice.message, { content: null, tool_calls: [call] });
      choice.finish_reason = 'tool_calls';
    }
    sendJson(response, 200, reply);
  });
  const read = tool({
    description: 'Reads a page.',
    input: z.object({}),
    run: () => writePage({ bytes: 300 * KB, word: 'said "so" \\ ' }),
  });
  const reader = agent({ model: 'openai:m', tools: { read } });
  const flow = await workflow('agent', { input: z.object({}) }, async () =>
    reader({ prompt: 'Read.' }),
  );
  const { output, aside } = await run(flow, {}, { OPENAI_BASE_URL: server.baseURL });
  const content = JSON.stringify(large.page({ bytes: 300 * KB, word: 'said "so" \\ ' }));
  expect(asked.slice(1)).toEqual(Array(3).fill({ role: 'tool', tool_call_id: 'c1', content }));
  expect(output).toBe('Read it.');
  expect(aside).toHaveLength(1);
});

it('puts a single result of 400 KB aside, and nothing of results that fit', async () => {
  const one = await workflow('one', { input: z.object({}) }, async () =>
    write({ bytes: 400 * KB }),
  );
  expect((await run(one)).output).toBe(large.text({ bytes: 400 * KB }));
  const small = await workflow('small', { input: z.object({}) }, async () =>
    gather([write({ bytes: 90 * KB }), write({ bytes: 90 * KB })]),
  );
  expect((await run(small)).aside).toEqual([]);
});

it('goes on with what was put aside when it is redriven, and runs nothing again', async () => {
  const marker = path.join(temporaryFolder(), 'marker');
  const flow = await workflow('redriven', { input: z.object({}) }, async () => {
    const page = await writePage({ bytes: 300 * KB });
    const [again, other] = await gather([waitFor({ file: marker }), write({ bytes: 300 * KB })]);
    const measured = await measure({ page, again });
    return { page, other, measured };
  });
  const { runner, folder } = open(flow);
  const { id } = await runner.start('redriven', {});
  for await (const _ of runner.events('redriven', id));
  expect(await runner.get('redriven', id)).toMatchObject({ status: 'FAILED' });
  const before = aside(folder).length;
  writeFileSync(marker, '');
  await runner.redrive('redriven', id);
  for await (const _ of runner.events('redriven', id));
  const page = large.page({ bytes: 300 * KB });
  expect(await runner.get('redriven', id)).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      page,
      other: large.text({ bytes: 300 * KB }),
      measured: large.measure({ page, again: 'there' }),
    },
  });
  expect(before).toBeGreaterThan(0);
});

it('fails by name where what was put aside is gone', async () => {
  const marker = path.join(temporaryFolder(), 'marker');
  const flow = await workflow('gone', { input: z.object({}) }, async () => {
    const page = await writePage({ bytes: 300 * KB });
    await waitFor({ file: marker });
    return measure({ page });
  });
  const { runner, folder } = open(flow);
  const { id } = await runner.start('gone', {});
  for await (const _ of runner.events('gone', id));
  rmSync(path.join(folder, 'payloads'), { recursive: true });
  writeFileSync(marker, '');
  await runner.redrive('gone', id);
  for await (const _ of runner.events('gone', id));
  expect(await runner.get('gone', id)).toMatchObject({
    status: 'FAILED',
    error: 'Payload.Missing',
    cause: expect.stringContaining('is not there'),
  });
});
