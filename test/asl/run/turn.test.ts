import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { VirtualClock } from '../../../lib/engine/clock/virtual-clock.ts';
import { createEngine } from '../../../lib/engine/engine.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import { each, gather, model, repeat, type Workflow, workflow } from '../../../lib/index.ts';
import { ModelError, type ModelErrorName } from '../../../lib/model/errors.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';
import { inTurn, mostRefusals } from '../../../lib/model/turn.ts';
import { lambdaFailure } from '../../../lib/testing/lambda-failure.ts';
import { documentOf } from './program.ts';

const start = Date.UTC(2026, 0, 1);
const input = z.object({ names: z.array(z.string()).default(['a', 'b']) });
const ask = model({ model: 'openai:m' });

interface Told {
  readonly name: ModelErrorName;
  readonly retryAfter?: number;
}

const limited = (retryAfter?: number): Told => ({
  name: 'Model.RateLimited',
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

/** Runs a workflow whose model is told what to answer, by prompt and by how often it was asked. */
async function run(flow: Workflow, answer: (prompt: string, asked: number) => Told | null) {
  const clock = new VirtualClock({ now: start });
  const calls: { prompt: string; at: number; turn: ModelRequest['turn'] }[] = [];
  const asked = new Map<string, number>();
  const engine = createEngine({
    clock,
    random: () => 0,
    tasks: {
      refuse: () => undefined,
      async run({ input: text }) {
        const request = JSON.parse(text) as ModelRequest;
        const prompt = request.prompt ?? '';
        calls.push({ prompt, at: (clock.now() - start) / 1000, turn: request.turn });
        const count = (asked.get(prompt) ?? 0) + 1;
        asked.set(prompt, count);
        try {
          return await inTurn(request, async () => {
            const told = answer(prompt, count);
            if (told === null) return JSON.stringify({ output: `re ${prompt}` });
            const { name, retryAfter = null } = told;
            const words = retryAfter === null ? '' : ` Retry after ${retryAfter} seconds.`;
            const at = { provider: 'openai', model: 'm', retryAfter };
            throw new ModelError(name, `openai:m answered {no} [{ "way" }].${words}`, at);
          });
        } catch (error) {
          throw lambdaFailure(error);
        }
      },
    },
  });
  const execution = engine.start(loadMachine(documentOf(flow)), {
    name: 'run-7',
    input: '{"names":["a","b"]}',
  });
  const outcome = await execution.done;
  const transitions = execution.history.filter(({ type }) => type.endsWith('StateEntered'));
  return {
    ...outcome,
    output: outcome.status === 'SUCCEEDED' ? JSON.parse(outcome.output) : undefined,
    calls,
    seconds: (clock.now() - start) / 1000,
    transitions: transitions.length,
  };
}

const one = await workflow('one', { input }, async () => ask({ prompt: 'p' }));

describe('a model call that a provider refuses for now', () => {
  it('costs no state transition where it is not refused', async () => {
    const result = await run(one, () => null);
    expect(result).toMatchObject({ output: 're p', transitions: 1, seconds: 0 });
    expect(result.calls).toEqual([{ prompt: 'p', at: 0, turn: { run: 'run-7' } }]);
  });

  it.each([1, 7, 61, 3600])(
    'waits %i seconds, exactly as it was told, and is made again',
    async (seconds) => {
      const result = await run(one, (_, asked) => (asked === 1 ? limited(seconds) : null));
      expect(result).toMatchObject({ output: 're p', seconds, transitions: 3 });
      expect(result.calls[1]?.turn).toEqual({ run: 'run-7', seconds, waits: 1, refusals: 1 });
    },
  );

  it('backs off with jitter where it was not told how long', async () => {
    const told: Told = { name: 'Model.Overloaded' };
    const result = await run(one, (_, asked) => (asked < 4 ? told : null));
    expect(result).toMatchObject({ status: 'SUCCEEDED', transitions: 7 });
    expect(result.seconds).toBeGreaterThanOrEqual(3);
    expect(result.seconds).toBeLessThanOrEqual(4 + 8 + 16);
  });

  it('fails by its own name after so many refusals', async () => {
    const result = await run(one, () => limited(2));
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'Model.RateLimited',
      seconds: 2 * mostRefusals,
    });
    expect(result.calls).toHaveLength(mostRefusals + 1);
  });

  it('waits by itself in each branch and each iteration, and reads its own input again', async () => {
    const flow = await workflow('many', { input }, async ({ names }) => {
      const both = await gather({ x: ask({ prompt: 'x' }), y: ask({ prompt: 'y' }) });
      const all = await each(names, (name) => ask({ prompt: `of ${name}` }));
      return { both, all };
    });
    const result = await run(flow, (prompt, asked) =>
      asked > 1 ? null : limited({ x: 5, y: 90, 'of a': 30, 'of b': 10 }[prompt]),
    );
    expect(result.output).toEqual({
      both: { x: 're x', y: 're y' },
      all: ['re of a', 're of b'],
    });
    expect(result.seconds).toBe(90 + 30);
  });

  it('is taken by no catch of the user while it waits, and counts anew in each round of a loop', async () => {
    const flow = await workflow('loop', { input }, async () =>
      repeat({ start: '', most: 3 }, async () => ask({ prompt: 'p' }).catch(() => 'caught')),
    );
    const result = await run(flow, (_, asked) => (asked % 2 === 1 ? limited(4) : null));
    expect(result).toMatchObject({ output: 're p', seconds: 12 });
    expect(result.calls.map(({ turn }) => turn?.waits)).toEqual([
      undefined,
      1,
      undefined,
      1,
      undefined,
      1,
    ]);
  });

  it("does not wait where the step has a retry policy of the user's own", async () => {
    const flow = await workflow('own', { input }, async () =>
      ask({ prompt: 'p' }).retry({ on: ['Model.RateLimited'], maxAttempts: 2, jitter: 'NONE' }),
    );
    const result = await run(flow, () => limited(90));
    expect(result).toMatchObject({ status: 'FAILED', error: 'Model.RateLimited', seconds: 3 });
    expect(result.calls.map(({ turn }) => turn)).toEqual([undefined, undefined, undefined]);
  });

  it('fails at once for what waiting does not mend', async () => {
    const result = await run(one, () => ({ name: 'Model.QuotaExhausted' }));
    expect(result).toMatchObject({ error: 'Model.QuotaExhausted', transitions: 1, seconds: 0 });
  });
});

it('is readable: one Task, one Wait', () => {
  const { States } = JSON.parse(documentOf(one)) as { States: Record<string, object> };
  expect(States).toMatchObject({
    m: {
      Type: 'Task',
      Arguments: {
        model: 'm',
        prompt: 'p',
        turn: "{% $exists($m_turn.seconds) ? $m_turn : { 'run': $states.context.Execution.Name } %}",
      },
      Catch: [
        {
          ErrorEquals: ['Model.Deferred'],
          Assign: {
            m_turn:
              "{% $parse($substringAfter($parse($states.errorOutput.Cause).errorMessage, 'Turn: ')) %}",
          },
          Output: '{% $states.input %}',
          Next: 'm waits',
        },
      ],
      End: true,
    },
    'm waits': { Type: 'Wait', Seconds: '{% $m_turn.seconds %}', Next: 'm' },
  });
});
