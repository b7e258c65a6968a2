import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gather, model, workflow } from '../../lib/index.ts';

const ask = model({ model: 'openai:gpt-5-mini' });
const input = z.object({ question: z.string() });

describe('gather', () => {
  it('makes one node with a branch for each, in order', async () => {
    const flow = await workflow('x', { input }, async ({ question }) =>
      gather({ b: ask({ prompt: question }), a: ask({ prompt: question }) }),
    );
    expect(flow.graph.body.nodes).toMatchObject([
      { kind: 'gather', shape: 'record', branches: [{ key: 'b' }, { key: 'a' }] },
    ]);
  });

  it('takes async functions of several steps as branches, and nests', async () => {
    const flow = await workflow('x', { input }, async ({ question }) =>
      gather([
        async () => {
          const first = await ask({ prompt: question });
          return { second: await ask({ prompt: `More on ${first}` }) };
        },
        gather([ask({ prompt: 'inner' })]),
      ]),
    );
    expect(flow.graph.body.nodes).toHaveLength(1);
    expect(flow.graph.body.nodes[0]).toMatchObject({
      branches: [
        { body: { nodes: [{ kind: 'call' }, { kind: 'call' }], output: { kind: 'object' } } },
        { body: { nodes: [{ kind: 'gather' }], output: { kind: 'result' } } },
      ],
    });
  });

  it('gives [] and {} for nothing, and costs no node', async () => {
    const flow = await workflow('x', { input }, async () => ({
      list: await gather([]),
      record: await gather({}),
    }));
    expect(flow.graph.body).toEqual({
      nodes: [],
      output: {
        kind: 'object',
        entries: [
          ['list', { kind: 'array', items: [] }],
          ['record', { kind: 'object', entries: [] }],
        ],
      },
    });
  });

  it('gives a tuple that can be destructured, iterated and mapped', async () => {
    const flow = await workflow('x', { input }, async ({ question }) => {
      const both = await gather([ask({ prompt: question }), ask({ prompt: question })]);
      const [first, second] = both;
      expect(both.length).toBe(2);
      return { second, first, lines: both.map((text) => `- ${text}`) };
    });
    expect(flow.graph.body.output).toMatchObject({
      entries: [
        ['second', { kind: 'result', path: [1] }],
        ['first', { kind: 'result', path: [0] }],
        ['lines', { kind: 'array', items: [{ kind: 'concat' }, { kind: 'concat' }] }],
      ],
    });
  });

  it('gives a record that can be spread', async () => {
    const flow = await workflow('x', { input }, async ({ question }) => ({
      ...(await gather({ a: ask({ prompt: question }) })),
    }));
    expect(flow.graph.body.output).toMatchObject({
      entries: [['a', { kind: 'result', path: ['a'] }]],
    });
  });

  it('fails for a slot that no branch fills', async () => {
    const made = workflow('x', { input }, async ({ question }) => {
      const both = await gather({ a: ask({ prompt: question }) });
      return (both as unknown as { b: string }).b;
    });
    await expect(made).rejects.toThrow(/asked for 'b', which is none of its branches/);
  });

  it('fails for a branch that awaits nothing', async () => {
    const made = workflow('x', { input }, async () => gather([async () => 1]));
    await expect(made).rejects.toThrow(/Branch '0' of gather .* awaits nothing/);
  });

  it('fails when a branch reads a sibling', async () => {
    const made = workflow('x', { input }, async ({ question }) => {
      let leak: unknown;
      return await gather([
        async () => {
          leak = await ask({ prompt: question });
          return leak;
        },
        async () => await ask({ prompt: `See ${leak}` }),
      ]);
    });
    await expect(made).rejects.toThrow(/Branches cannot see each other/);
  });

  it('fails when a step is in two branches', async () => {
    const made = workflow('x', { input }, async ({ question }) => {
      const step = ask({ prompt: question });
      return await gather([step, step]);
    });
    await expect(made).rejects.toThrow(/a second time/);
  });

  it.each([
    [42, /takes a list or a record of branches, and got a number/],
    [null, /and got null/],
    [[42], /Branch '0' of gather is a number/],
    [{ a: Promise.resolve(1) }, /Branch 'a' of gather is a object/],
  ])('rejects %o as branches', async (branches, message) => {
    const made = workflow('x', { input }, async () => gather(branches as never));
    await expect(made).rejects.toThrow(message);
  });

  it('rejects an unknown option', async () => {
    const made = workflow('x', { input }, async () =>
      gather([], { return_exceptions: true } as never),
    );
    await expect(made).rejects.toThrow(/unknown option 'return_exceptions'/);
  });
});
