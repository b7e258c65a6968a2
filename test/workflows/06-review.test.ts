import { describe, expect, it } from 'vitest';
import { handler as readability } from '../../functions/readability.ts';
import { scriptedModel, testRun } from '../../lib/testing/index.ts';
import { review } from '../../workflows/06-review.ts';

const tasks = {
  'functions/search.ts': async ({ query }: { query: string }) => ({ pages: [{ title: query }] }),
  'functions/readability.ts': readability,
};

const text = 'Short one. A somewhat longer sentence.';

describe('workflows/06-review.ts', () => {
  it('gathers two agents that use their tools, then asks a person with what they found', async () => {
    const model = scriptedModel({
      toolCalls: ({ messages = [], tools = [] }) => {
        const [tool] = tools;
        const told = messages.some(({ role }) => role === 'tool');
        if (!tool || told) return [];
        const [field, value] = tool.name === 'search' ? ['query', 'cuckoo'] : ['text', text];
        return [{ id: 'c1', name: tool.name, arguments: { [field as string]: value as string } }];
      },
      answer: ({ messages = [] }) => `After ${JSON.stringify(messages.at(-1)?.content)}`,
    });
    const publish = { approved: true, by: 'Ada', after: 3600 };
    const { output, history } = await testRun(review, {
      input: { text },
      tasks,
      model,
      approvals: { publish },
    });
    expect(output).toMatchObject({
      decision: { approved: true, by: 'Ada', how: 'answered' },
      reviews: {
        facts: expect.stringContaining('cuckoo'),
        style: expect.stringContaining('wordsPerSentence'),
      },
    });
    const asked = history.find(({ type }) => type === 'TaskScheduled');
    const { Payload } = JSON.parse(String(asked?.details?.parameters));
    expect(Payload.approval).toMatchObject({
      workflow: 'review',
      step: 'publish',
      question: 'Publish this text?',
      details: { text, reviews: { facts: expect.any(String) } },
    });
    const entered = history.filter(({ details }) => details?.name === 'publish');
    expect(entered.map(({ type }) => type)).toEqual(['TaskStateEntered', 'TaskStateExited']);
  });

  it('is not published when nobody answers within two days', async () => {
    const { output, seconds } = await testRun(review, { tasks, approvals: { publish: 'nobody' } });
    expect(output).toMatchObject({
      decision: { approved: false, comment: 'Nobody answered within two days.', how: 'default' },
    });
    expect(seconds).toBe(2 * 24 * 60 * 60);
  });
});

describe('functions/readability.ts', () => {
  it('measures sentences, and nothing in an empty text', async () => {
    expect(await readability({ text })).toEqual({
      words: 6,
      sentences: 2,
      wordsPerSentence: 3,
      longestSentence: 'A somewhat longer sentence.',
    });
    expect(await readability({ text: '' })).toEqual({
      words: 0,
      sentences: 0,
      wordsPerSentence: 0,
      longestSentence: '',
    });
  });
});
