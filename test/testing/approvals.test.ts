import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { approval, each, gather, workflow } from '../../lib/index.ts';
import { testRun } from '../../lib/testing/index.ts';

const asking = await workflow('asking', { input: z.object({}) }, async () =>
  approval({ name: 'publish', question: 'Publish?', timeout: '1 hour' }),
);

const defaulting = await workflow('defaulting', { input: z.object({}) }, async () =>
  approval({
    name: 'publish',
    question: 'Publish?',
    timeout: '1 hour',
    default: { approved: false, comment: 'Nobody was there.' },
  }),
);

describe('a tested approval', () => {
  it('is answered as the test says, when the test says', async () => {
    const publish = { approved: true, comment: 'Fine.', by: 'Ada', after: 90 };
    const { output, seconds, transitions } = await testRun(asking, { approvals: { publish } });
    expect(output).toEqual({ approved: true, comment: 'Fine.', by: 'Ada', how: 'answered' });
    expect([seconds, transitions]).toEqual([90, 1]);
  });

  it('is rejected, which is a result and no failure', async () => {
    const run = await testRun(asking, { approvals: { publish: { approved: false } } });
    expect(run.output).toMatchObject({ approved: false, how: 'answered' });
  });

  it('fails with States.Timeout where nobody answers and there is no default', async () => {
    const run = await testRun(asking, { approvals: { publish: 'nobody' } });
    expect(run).toMatchObject({ status: 'FAILED', error: 'States.Timeout', seconds: 3600 });
  });

  it('takes its default where nobody answers', async () => {
    const run = await testRun(defaulting, { approvals: { publish: 'nobody' } });
    expect(run.output).toEqual({
      approved: false,
      comment: 'Nobody was there.',
      by: null,
      how: 'default',
    });
    expect(run.seconds).toBe(3600);
  });

  it('does not take an answer that comes after its time', async () => {
    const publish = { approved: true, after: 3601 };
    const run = await testRun(defaulting, { approvals: { publish } });
    expect(run.output).toMatchObject({ approved: false, how: 'default' });
  });

  it('is caught by its error', async () => {
    const flow = await workflow('caught', { input: z.object({}) }, async () =>
      approval({ name: 'publish', question: 'Publish?', timeout: 5 }).catch(
        'States.Timeout',
        () => 'given up',
      ),
    );
    expect((await testRun(flow, { approvals: { publish: 'nobody' } })).output).toBe('given up');
  });

  it('waits beside others, each result in its slot', async () => {
    const flow = await workflow(
      'board',
      { input: z.object({ names: z.array(z.string()) }) },
      async ({ names }) => ({
        both: await gather({
          legal: approval({ question: 'Legal?', timeout: 600 }),
          press: approval({ question: 'Press?', timeout: 60, default: { approved: true } }),
        }),
        all: await each(names, (name) =>
          approval({ name: 'hire', question: `Hire ${name}?`, timeout: 60 }),
        ),
      }),
    );
    const { output, seconds } = await testRun(flow, {
      input: { names: ['Ada', 'Grace'] },
      approvals: {
        legal: { approved: false, after: 300 },
        press: 'nobody',
        hire: { approved: true },
      },
    });
    expect(output).toMatchObject({
      both: { legal: { approved: false }, press: { approved: true, how: 'default' } },
      all: [{ approved: true }, { approved: true }],
    });
    expect(seconds).toBe(300);
  });

  it('is stopped by the deadline of a gather around it', async () => {
    const flow = await workflow('late', { input: z.object({}) }, async () =>
      gather(
        { publish: approval({ question: 'Publish?', timeout: 600 }) },
        { timeout: 30, returnExceptions: true },
      ),
    );
    const run = await testRun(flow, { approvals: { publish: { approved: true, after: 60 } } });
    expect(run.output).toMatchObject({
      publish: { status: 'rejected', reason: { error: 'Gather.Deadline' } },
    });
    expect(run.seconds).toBe(30);
  });

  it('rejects a run of which the test does not answer every approval', async () => {
    await expect(testRun(asking)).rejects.toThrow(
      "The workflow asks for the approval 'publish', which the test does not give. Add it: { approvals: { 'publish': { approved: true } } }",
    );
  });
});
