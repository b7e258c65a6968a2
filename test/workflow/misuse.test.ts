import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  any,
  each,
  eq,
  gather,
  model,
  race,
  repeat,
  task,
  when,
  workflow,
} from '../../lib/index.ts';
import type { Step } from '../../lib/workflow/step.ts';

// The types refuse most of these too; `any` stands for a user who writes JavaScript.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Anything = any;

const ask = model({ model: 'openai:gpt-5-mini' });
const search = task<(input: { query: unknown }) => Promise<Anything>>('functions/search.ts');
const input = z.object({ question: z.string(), items: z.array(z.string()) });

type Body = (given: Anything) => Promise<unknown>;

async function failure(body: Body): Promise<Error> {
  return workflow('misuse', { input }, body).then(
    () => {
      throw new Error('The workflow was traced without an error.');
    },
    (error: Error) => error,
  );
}

const line = String.raw`\(test/workflow/misuse\.test\.ts:\d+\)`;

/** The message names the subject, the line, and then what to write instead. */
function says(subject: string, wayOut: string): RegExp {
  return new RegExp(`${subject}.*${line}.*${wayOut}`);
}

/** Misuse that JavaScript lets a value see. What it does not: test/check. */
describe('misuse is refused with what it is, its line and the way out', () => {
  it.each<[string, string, string, Body]>([
    ['a value that is spread', "'input.items'", 'Pass it whole', async (v) => [...v.items]],
    [
      'a value that is spread into an object',
      "'input.items'",
      'Pass it whole',
      async (v) => ({ ...v.items }),
    ],
    [
      'a value that is iterated',
      "'input.items'",
      'Pass it whole',
      async (v) => {
        for (const item of v.items) await ask({ prompt: item });
      },
    ],
    [
      'a value that is iterated after an await',
      "'task 'search'.hits'",
      'Pass it whole',
      async () => {
        const { hits } = await search({ query: 'x' });
        for (const hit of hits) await ask({ prompt: hit });
      },
    ],
    [
      'a value made into JSON',
      "'input.question'",
      'template literal',
      async (v) => JSON.stringify(v.question),
    ],
    ['arithmetic', "'input.question'", 'in a step', async (v) => v.question * 2],
    ['a comparison', "'input.question'", 'eq, lt', async (v) => v.question < 2],
    ['a method of the data', "'input.question.trim'", 'in a step', async (v) => v.question.trim()],
    [
      'a step that is awaited twice',
      "model call 'gpt-5-mini'",
      'make a second one by calling it again',
      async () => {
        const step = ask({ prompt: 'x' });
        await step;
        return await step;
      },
    ],
    [
      'a step that is awaited and then gathered',
      "model call 'gpt-5-mini'",
      'make a second one by calling it again',
      async () => {
        const step = ask({ prompt: 'x' });
        await step;
        return await gather([step]);
      },
    ],
    [
      'a step that is never awaited',
      "model call 'gpt-5-mini'",
      'Write `await` before it',
      async () => {
        ask({ prompt: 'x' });
      },
    ],
    [
      'steps awaited by Promise.all',
      "model call 'gpt-5-mini'",
      'Write `await gather',
      async () => Promise.all([ask({ prompt: 'x' }), ask({ prompt: 'y' })]),
    ],
    [
      'a step passed without await',
      "task 'search': payload|query",
      'Write `await` before it',
      async () => await search({ query: ask({ prompt: 'x' }) }),
    ],
    [
      'a step in a template literal without await',
      "model call 'gpt-5-mini'",
      'Write `await` before it',
      async () => await ask({ prompt: `${ask({ prompt: 'x' })}` }),
    ],
    [
      'a value of another branch',
      "model call 'gpt-5-mini'",
      'return the value from there',
      async () => {
        let seen: unknown;
        return await gather([
          async () => {
            seen = await search({ query: 'x' });
            return seen;
          },
          async () => await ask({ prompt: `${seen}` }),
        ]);
      },
    ],
    [
      'a branch that awaits nothing',
      "Branch 'idle' of gather",
      'Await a step in it',
      async () => await gather({ idle: async () => 1 }),
    ],
    [
      'a branch of any that awaits nothing',
      "Branch '0' of any",
      'Await a step in it',
      async () => await any([async () => 1]),
    ],
    [
      'a branch of race that awaits nothing',
      "Branch '0' of race",
      'Await a step in it',
      async () => await race([async () => 1]),
    ],
    [
      'an item that awaits nothing',
      'The body of each',
      'Await a step in it',
      async (v) => await each(v.items, async () => 1),
    ],
    [
      'a turn that awaits nothing',
      'The body of repeat',
      'Await a step in it',
      async () => await repeat({ start: 1, most: 2, until: (n) => eq(n, 2) }, async (n) => n),
    ],
    [
      'a date in a step’s input',
      "task 'search'.*query",
      'write a date as text',
      async () => await search({ query: new Date(0) }),
    ],
    [
      'a bigint in a step’s input',
      "task 'search'.*query",
      'Allowed are null, booleans',
      async () => await search({ query: 1n }),
    ],
    [
      'a function in a step’s input',
      "task 'search'.*query",
      'leave functions out',
      async () => await search({ query: () => 1 }),
    ],
    [
      'a class instance in a step’s input',
      "task 'search'.*query",
      'a class instance as a plain object',
      async () => await search({ query: new Map() }),
    ],
    [
      'NaN in the result of the workflow, after an await',
      'the result',
      'finite numbers',
      async () => {
        await ask({ prompt: 'x' });
        return Number.NaN;
      },
    ],
    [
      'a date in the result of a branch',
      "the result of branch 'late' of gather",
      'write a date as text',
      async () =>
        await gather({
          late: async () => {
            await ask({ prompt: 'x' });
            return new Date(0);
          },
        }),
    ],
    [
      'a date in a case of when',
      'when',
      'write a date as text',
      async (v) => await when(eq(v.question, 'x'), new Date(0), null),
    ],
    [
      'text that was cut',
      "model 'gpt-5-mini'.prompt",
      'change it in a step',
      async (v) => await ask({ prompt: `Q: ${v.question}`.slice(0, -3) }),
    ],
    [
      'a value as a property name',
      'the result',
      'list of { name, value } objects',
      async (v) => ({ [`${v.question}`]: 1 }),
    ],
  ])('%s', async (_title, subject, wayOut, body) => {
    expect((await failure(body)).message).toMatch(says(subject, wayOut));
  });

  it('a step in another workflow', async () => {
    let leaked: Step<string> | undefined;
    await failure(async () => {
      leaked = ask({ prompt: 'x' });
    });
    const error = await failure(async () => await (leaked as Step<string>));
    expect(error.message).toMatch(
      says("model call 'gpt-5-mini'", 'A step belongs to the body that made it'),
    );
  });

  it('a value in another workflow', async () => {
    let leaked: Anything;
    await workflow('first', { input }, async ({ question }) => {
      leaked = question;
    });
    const error = await failure(async () => await ask({ prompt: leaked }));
    expect(error.message).toMatch(says("'input.question'", 'pass it through the input'));
  });
});
