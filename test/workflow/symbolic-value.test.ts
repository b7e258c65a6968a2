import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { model, workflow } from '../../lib/index.ts';

const ask = model({ model: 'openai:gpt-5-mini' });
const input = z.object({ question: z.string(), items: z.array(z.object({ n: z.number() })) });

// The types refuse most of these too; `any` stands for a user who writes JavaScript.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Anything = any;

async function misuse(use: (value: Anything) => unknown): Promise<unknown> {
  return workflow('misuse', { input }, async (given) => {
    use((given as Anything).items);
    return await ask({ prompt: 'x' });
  });
}

describe('a symbolic value', () => {
  it.each<[string, (value: Anything) => unknown]>([
    ['+', (v) => v + 1],
    ['-', (v) => v - 1],
    ['unary +', (v) => +v],
    ['<', (v) => v < 3],
    // biome-ignore lint/suspicious/noDoubleEquals: it is what is tested.
    ['== with a primitive', (v) => v == 'x'],
    ['for of', (v) => [...v]],
    ['object spread', (v) => ({ ...v })],
    ['Object.keys', (v) => Object.keys(v)],
    ['in', (v) => 'n' in v],
    ['JSON.stringify', (v) => JSON.stringify({ v })],
    ['a method', (v) => v.map((x: unknown) => x)],
    ['new', (v) => new v()],
    ['assignment', (v) => Object.assign(v, { n: 1 })],
    ['delete', (v) => delete v.n],
    ['Math', (v) => Math.max(v)],
    ['valueOf', (v) => v.valueOf()],
  ])('refuses %s at once, with its path and the way out', async (_name, use) => {
    await expect(misuse(use)).rejects.toMatchObject({
      name: 'SymbolicValueMisused',
      message: expect.stringMatching(
        /^The value 'input\.items.*' is .* in workflow 'misuse'.*\. \S/,
      ),
    });
  });

  it('is reported even when the body swallows the error', async () => {
    const made = misuse((v) => {
      try {
        return v + 1;
      } catch {
        return 0;
      }
    });
    await expect(made).rejects.toMatchObject({ name: 'SymbolicValueMisused' });
  });

  it('can be logged without harm', async () => {
    const { inspect } = await import('node:util');
    await misuse((v) => expect(inspect(v[0].n)).toBe('[symbolic value input.items[0].n]'));
  });

  it('refuses text that was changed after the value was put in', async () => {
    for (const change of [
      (text: string) => text.toUpperCase(),
      (text: string) => text.slice(0, -3),
      (text: string) => text.replace('[[', ''),
    ]) {
      const made = workflow('cut', { input }, async ({ question }) =>
        ask({ prompt: change(`Q: ${question}`) }),
      );
      await expect(made).rejects.toThrow(/was cut, cased or encoded/);
    }
  });

  it('refuses to be a property name', async () => {
    const made = workflow('key', { input }, async ({ question }) => ({ [`${question}`]: 1 }));
    await expect(made).rejects.toThrow(/used as a property name/);
  });

  it('refuses to travel to another workflow', async () => {
    let leaked: Anything;
    await workflow('one', { input }, async ({ question }) => {
      leaked = question;
      return null;
    });
    const made = workflow('two', { input }, async () => ask({ prompt: leaked }));
    await expect(made).rejects.toThrow(
      /'input.question' of workflow 'one' is used in workflow 'two'/,
    );
  });

  it('keeps keys that are no identifiers, and prototype names, as data', async () => {
    const flow = await workflow('keys', { input }, async (given) => ({
      // biome-ignore lint/suspicious/noProto: it is what is tested.
      odd: (given as Anything)['a b'].__proto__.constructor,
    }));
    expect(flow.graph.body.output).toEqual({
      kind: 'object',
      entries: [['odd', { kind: 'input', path: ['a b', '__proto__', 'constructor'] }]],
    });
  });
});
