import { describe, expect, it } from 'vitest';
import type { Run } from '../../lib/run/run.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { cloudgather, providersAt, start } from './command-line.ts';

const verdict = JSON.stringify({ ranking: ['gpt', 'claude', 'gemini'], why: 'Because.' });

/** Answers every provider with its own name, and the judge with a verdict. */
function answerOf(request: { path: string; body: Record<string, unknown> }): string {
  const judged = JSON.stringify(request.body).includes('You judge answers');
  return judged ? verdict : `Answer at ${request.path.split('/')[1]}.`;
}

/**
 * An address where nobody listens: a port that a system gives to nobody who asks for any. A port that was
 * free a moment ago may be another test's by now.
 */
const closedOrigin = 'http://127.0.0.1:2';

describe('cloudgather run', () => {
  it('prints the gathered answers in branch order and the verdict, without a key, and says that they are scripted', async () => {
    const { code, stdout, stderr } = await cloudgather(['run', 'panel', 'Is water wet?']);
    expect(code).toBe(0);
    const order = ['answers', 'gpt', 'claude', 'gemini', 'verdict', 'ranking', 'why'];
    const places = order.map((word) => stdout.search(new RegExp(`^ *${word}\\b`, 'm')));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(stdout).toContain('Is water wet?');
    expect(
      stderr.match(/scripted by a stand-in on this machine, no model is running/g),
    ).toHaveLength(1);
    expect(stderr).toContain('Set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY');
    expect(stderr).toMatch(/^gpt: succeeded after [\d.]+ s, \d+ tokens, \$0\.\d{4}$/m);
    expect(stderr).toMatch(
      /4 calls in [\d.]+ s; one after the other they take [\d.]+ s \([\d.]+ times as long\)/,
    );
  });

  it('prints one Run with --json: input, output, steps with start, end, attempts, usage', async () => {
    const { code, stdout } = await cloudgather([
      'run',
      'panel',
      '--json',
      '--id',
      'my-run',
      'why?',
    ]);
    expect(code).toBe(0);
    const run = JSON.parse(stdout) as Run & { output: { answers: object } };
    expect(run).toMatchObject({
      id: 'my-run',
      workflow: 'panel',
      status: 'SUCCEEDED',
      input: { question: 'why?' },
    });
    expect(Object.keys(run.output.answers)).toEqual(['gpt', 'claude', 'gemini']);
    expect(run.steps.map(({ name }) => name)).toEqual([
      'answers',
      'gpt',
      'claude',
      'gemini',
      'verdict',
    ]);
    const [gather, ...calls] = run.steps;
    for (const step of calls) {
      expect(step).toMatchObject({ kind: 'task', status: 'SUCCEEDED', attempts: 1, error: null });
      expect(step.parent).toBe(step.name === 'verdict' ? null : gather?.id);
      expect(step.usage?.totalTokens).toBeGreaterThan(0);
      expect(Date.parse(step.stoppedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(step.startedAt));
    }
    const sum = calls.reduce((total, step) => total + (step.usage?.totalTokens ?? 0), 0);
    expect(run.usage.totalTokens).toBe(sum);
  });

  it('asks the real providers at once where a base URL leads to them, and keeps branch order', async () => {
    // Nobody is answered before all three have asked, and then in the reverse order.
    const waiting: (() => void)[] = [];
    const server = await providerServer((request, response) => {
      const reply = (): void => sendJson(response, 200, completion(answerOf(request)));
      if (answerOf(request) === verdict) return reply();
      waiting.push(reply);
      if (waiting.length === 3) for (const each of waiting.reverse()) each();
    });
    const { code, stdout, stderr } = await cloudgather(
      ['run', '01-panel', '--json', '--input', '-'],
      providersAt(server.origin),
      { input: '{"question":"why?"}' },
    );
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout).output).toEqual({
      answers: {
        gpt: { status: 'fulfilled', value: 'Answer at openai.' },
        claude: { status: 'fulfilled', value: 'Answer at anthropic.' },
        gemini: { status: 'fulfilled', value: 'Answer at google.' },
      },
      verdict: JSON.parse(verdict),
    });
    expect(server.received.map(({ headers }) => headers.authorization).sort()).toEqual(
      [1, 1, 2, 3].map((n) => `Bearer key-canary-${n}`),
    );
    const judge = server.received.at(-1)?.body as { messages: { content: string }[] };
    expect(judge.messages.at(-1)?.content).toMatch(/^Rank the answers to "why\?": \{"gpt":/);
  });

  it('succeeds with two answers when one provider answers 500 to everything', async () => {
    const server = await providerServer((request, response) => {
      if (request.path.startsWith('/anthropic')) return sendJson(response, 500, { error: {} });
      sendJson(response, 200, completion(answerOf(request)));
    });
    const { code, stdout } = await cloudgather(
      ['run', 'panel', '--json', 'prompt-canary'],
      providersAt(server.origin),
    );
    expect(code).toBe(0);
    const run = JSON.parse(stdout);
    expect(run.output.answers).toMatchObject({
      gpt: { status: 'fulfilled' },
      claude: {
        status: 'rejected',
        reason: {
          error: 'Model.Unavailable',
          cause: expect.stringMatching(
            /^anthropic:claude-haiku-4-5 answered with status 500: .*\.$/,
          ),
          name: 'claude',
          index: 1,
        },
      },
      gemini: { status: 'fulfilled' },
    });
    expect(run.output.answers.claude.reason.cause).not.toMatch(/prompt-canary|key-canary/);
    const claude = run.steps.find((step: { name: string }) => step.name === 'claude');
    expect(claude).toMatchObject({
      status: 'FAILED',
      attempts: 3,
      error: { name: 'Model.Unavailable' },
    });
  });

  it.each<[string, string, Parameters<typeof providerServer>[0]]>([
    [
      'a refused key',
      'Model.Unauthorized',
      (_request, r) => sendJson(r, 401, { error: { message: 'key-canary-1' } }),
    ],
    [
      'a model that does not exist',
      'Model.Rejected',
      (_request, r) => sendJson(r, 404, { error: { code: 'model_not_found' } }),
    ],
    [
      'a reply that is not JSON',
      'Model.OutputInvalid',
      (_request, r) => sendJson(r, 200, completion('no JSON: prompt-canary')),
    ],
    [
      'a reply that breaks the schema',
      'Model.OutputInvalid',
      (_request, r) => sendJson(r, 200, completion('{"ranking":"prompt-canary"}')),
    ],
    [
      'a reply cut off by max tokens',
      'Model.Truncated',
      (_request, r) => sendJson(r, 200, completion('{"rank', { finish_reason: 'length' })),
    ],
  ])('fails by name, in a full sentence without prompt or key: %s', async (_title, name, fault) => {
    const server = await providerServer((request, response) => {
      if (answerOf(request) === verdict) return fault(request, response);
      sendJson(response, 200, completion('fine'));
    });
    const { code, stdout, stderr } = await cloudgather(
      ['run', 'panel', 'prompt-canary'],
      providersAt(server.origin),
    );
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(new RegExp(`^panel failed: ${name}: .{30,}\\.$`, 'm'));
    expect(stderr).not.toMatch(/prompt-canary|key-canary/);
  });

  it('fails by name when the connection is refused', async () => {
    const { code, stderr } = await cloudgather(
      ['run', 'panel', 'prompt-canary'],
      providersAt(closedOrigin),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^panel failed: Model\.Unavailable: .*refused.*\.$/m);
    expect(stderr).not.toMatch(/prompt-canary|key-canary/);
  });

  it('stops the run, its calls and itself within a second of Ctrl-C', async () => {
    let asked = 0;
    const all = Promise.withResolvers<void>();
    const server = await providerServer(() => {
      asked += 1;
      if (asked === 3) all.resolve();
    });
    const running = start(['run', 'panel', 'why?'], providersAt(server.origin));
    await all.promise;
    const interrupted = Date.now();
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    await Promise.all(server.received.map(({ dropped }) => dropped));
    expect(Date.now() - interrupted).toBeLessThan(1000);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^panel was stopped: Stopped by Ctrl-C\.$/m);
  });
});
