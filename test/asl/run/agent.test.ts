import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { VirtualClock } from '../../../lib/engine/clock/virtual-clock.ts';
import { createEngine } from '../../../lib/engine/engine.ts';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import { TaskFailure } from '../../../lib/engine/task/task-port.ts';
import {
  agent,
  gather,
  task,
  tool,
  type Workflow,
  type WorkflowOutput,
  workflow,
} from '../../../lib/index.ts';
import { documentOf } from './program.ts';

const add = task<(input: { a: number; b: number }) => Promise<number>>('functions/add.ts');
const search = task<(input: { query: string }) => Promise<{ hits: string[] }>>('functions/find.ts');
const tools = {
  add: tool({
    description: 'Adds two numbers.',
    input: z.object({ a: z.number(), b: z.number() }),
    run: ({ a, b }) => add({ a, b }),
  }),
  search: tool({
    description: 'Searches.',
    input: z.object({ query: z.string() }),
    run: async ({ query }) => {
      const { hits } = await search({ query });
      return { first: hits[0], of: query };
    },
  }),
};
const clerk = agent({ model: 'openai:gpt-5-mini', instructions: 'You help.', tools, maxTurns: 3 });
const input = z.object({ question: z.string() });

interface Reply {
  readonly output?: unknown;
  readonly toolCalls?: readonly { id: string; name: string; arguments: object }[];
}

// biome-ignore lint/suspicious/noExplicitAny: requests are looked into field by field.
type Request = any;

/** Runs the workflow with a model that gives these replies, one after the other. */
async function converse(flow: Workflow, replies: readonly Reply[]) {
  const requests: Request[] = [];
  let transitions = 0;
  const engine = createEngine({
    clock: new VirtualClock(),
    tasks: {
      refuse: () => undefined,
      async run({ resource, input: text }) {
        const given = JSON.parse(text);
        const arn = JSON.stringify(resource);
        const { input: own } = given;
        if (arn.includes('task-add')) return JSON.stringify(own.a + own.b);
        if (arn.includes('task-find')) {
          if (own.query === 'lost') throw new TaskFailure('Search.Failed', 'No hits.');
          return JSON.stringify({ hits: [`${own.query}!`] });
        }
        requests.push(given);
        const { output = null, toolCalls = [] } = replies[requests.length - 1] ?? {};
        return JSON.stringify({ object: 'model.result', output, toolCalls });
      },
    },
    onEvent: ({ type }: HistoryEvent) => {
      if (type.endsWith('StateEntered')) transitions += 1;
    },
  });
  const machine = loadMachine(documentOf(flow));
  const outcome = await engine.start(machine, { input: '{"question":"Q?"}' }).done;
  const output = outcome.status === 'SUCCEEDED' ? JSON.parse(outcome.output) : undefined;
  return { outcome, output, requests, transitions };
}

const ask = () => workflow('ask', { input }, async ({ question }) => clerk({ prompt: question }));

describe('agent', () => {
  it('gives the answer of a model that needs no tool', async () => {
    const { output, requests, transitions } = await converse(await ask(), [{ output: 'At once.' }]);
    expect(output).toBe('At once.');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      model: 'gpt-5-mini',
      instructions: 'You help.',
      messages: [{ role: 'user', content: 'Q?' }],
      tools: [{ name: 'add', description: 'Adds two numbers.' }, { name: 'search' }],
      toolChoice: 'auto',
    });
    // The state in front that sets the conversation, the model, the Choice, and the end.
    expect(transitions).toBe(4);
  });

  it('runs what the model asks for at once, and tells it the results in order', async () => {
    const { output, requests, transitions } = await converse(await ask(), [
      {
        output: null,
        toolCalls: [
          { id: 'c1', name: 'search', arguments: { query: 'clock' } },
          { id: 'c2', name: 'add', arguments: { a: 1, b: 2 } },
        ],
      },
      { output: 'Let me see.', toolCalls: [{ id: 'c3', name: 'add', arguments: { a: 3, b: 4 } }] },
      { output: 'Seven.' },
    ]);
    expect(output).toBe('Seven.');
    expect(requests[1].messages).toEqual([
      { role: 'user', content: 'Q?' },
      {
        role: 'assistant',
        content: '',
        toolCalls: [
          { id: 'c1', name: 'search', arguments: { query: 'clock' } },
          { id: 'c2', name: 'add', arguments: { a: 1, b: 2 } },
        ],
      },
      { role: 'tool', toolCallId: 'c1', content: '{"first":"clock!","of":"clock"}' },
      { role: 'tool', toolCallId: 'c2', content: '3' },
    ]);
    expect(requests[2].messages.slice(4)).toEqual([
      {
        role: 'assistant',
        content: 'Let me see.',
        toolCalls: [{ id: 'c3', name: 'add', arguments: { a: 3, b: 4 } }],
      },
      { role: 'tool', toolCallId: 'c3', content: '7' },
    ]);
    // start, three turns of a model and a Choice, two Maps, three calls of a Choice and a tool, end.
    expect(transitions).toBe(1 + 3 * 2 + 2 + 3 * 2 + 1);
  });

  it('tells the model of a tool that fails, and goes on', async () => {
    const { output, requests } = await converse(await ask(), [
      {
        toolCalls: [
          { id: 'c1', name: 'search', arguments: { query: 'lost' } },
          { id: 'c2', name: 'add', arguments: { a: 1, b: 1 } },
        ],
      },
      { output: 'Nothing found.' },
    ]);
    expect(output).toBe('Nothing found.');
    expect(requests[1].messages.slice(2)).toEqual([
      { role: 'tool', toolCallId: 'c1', content: 'Search.Failed: No hits.' },
      { role: 'tool', toolCallId: 'c2', content: '2' },
    ]);
  });

  it('makes the model answer in its last turn', async () => {
    const again = { toolCalls: [{ id: 'c', name: 'add', arguments: { a: 1, b: 1 } }] };
    const { output, requests } = await converse(await ask(), [again, again, { output: 'Enough.' }]);
    expect(output).toBe('Enough.');
    expect(requests.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'auto', 'none']);
  });

  it('can be gathered, with one tool and a typed output', async () => {
    const rater = agent({
      model: 'anthropic:claude-haiku-4-5',
      name: 'rater',
      tools: { add: tools.add },
      output: z.object({ stars: z.number() }),
    });
    const flow = await workflow('both', { input }, async ({ question }) =>
      gather({ clerk: clerk({ prompt: question }), rater: rater({ prompt: `Rate ${question}` }) }),
    );
    expectTypeOf<WorkflowOutput<typeof flow>>().toEqualTypeOf<{
      clerk: string;
      rater: { stars: number };
    }>();
    const { output } = await converse(flow, [{ output: 'yes' }, { output: { stars: 3 } }]);
    expect(output).toEqual({ clerk: 'yes', rater: { stars: 3 } });
  });

  it('names its states after itself', async () => {
    const { States } = JSON.parse(documentOf(await ask()));
    expect(Object.keys(States)).toEqual([
      'start',
      'gpt-5-mini',
      'gpt-5-mini waits',
      'gpt-5-mini asks',
      'gpt-5-mini tools',
      'gpt-5-mini asks done',
    ]);
  });

  it.each<[object, RegExp]>([
    [{ tools: {} }, /has the tools \[\].*write model/],
    [{ tools: { 'a b': tools.add } }, /has the tools \["a b"\]/],
    [{ tools, maxTurns: 0 }, /from 1 to 100/],
    [{ tools, turns: 3 }, /unknown option 'turns'/],
  ])('rejects %j', (options, message) => {
    expect(() => agent({ model: 'openai:gpt-5-mini', ...options } as never)).toThrow(message);
  });

  it('rejects a tool that nobody can understand', () => {
    const none = { description: '', input: z.object({}), run: () => 1 };
    expect(() => tool(none)).toThrow(/no description/);
  });
});
