import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { substitute } from '../../lib/asl/document.ts';
import { compileWorkflow, model, type Symbolic, workflow } from '../../lib/index.ts';

const input = z.object({ question: z.string() });
const ask = model({ model: 'openai:gpt-5-mini' });

const worst = [
  '${ModelOpenai}',
  '$${x} ${',
  '{% $states.input %}',
  '{% unbalanced',
  'unbalanced %}',
  ' {% spaces %} ',
  '%}{%',
  `it's "both" \`quotes\``,
  'back\\slash \\n \\u007b%',
  'line\nbreak\ttab\r\u0000\u001f\u2028\u2029',
  '\ud800 half a pair',
  '🎺 astral',
  '$.path $$.path States.Format(x)',
  '"Resource": "${ModelOpenai}"',
  '',
];

/** Data whose property names are no identifiers, or are words of JSONata. */
interface OddlyNamed {
  readonly 'a b': number;
  readonly 'tick`': readonly number[];
  readonly '{% x': number;
  readonly and: number;
  readonly '1a': number;
}

/** The text that the provider would receive, by way of the document, CloudFormation and JSONata. */
async function carried(text: string, symbolic: boolean): Promise<unknown> {
  const flow = await workflow('inert', { input }, async ({ question }) =>
    ask({ prompt: symbolic ? `${question}${text}` : text }),
  );
  const { definition } = compileWorkflow(flow);
  const deployed = substitute(definition, { ModelOpenai: 'arn:aws:lambda:x', x: 'REPLACED' });
  const { prompt } = JSON.parse(deployed).States['gpt-5-mini'].Arguments;
  const isExpression = prompt.startsWith('{%') && prompt.endsWith('%}');
  if (!isExpression) return prompt;
  const states = { context: { Execution: { Input: { question: 'Q' } } } };
  return await jsonata(prompt.slice(2, -2)).evaluate(undefined, { states });
}

describe('user text', () => {
  it.each(worst.map((text) => [text]))('goes through the document unchanged: %j', async (text) => {
    expect(await carried(text, false)).toBe(text);
    expect(await carried(text, true)).toBe(`Q${text}`);
  });

  it('goes through the document unchanged, whatever it is', async () => {
    const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...worst));
    const texts = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), async (text, symbolic) => {
        expect(await carried(text, symbolic)).toBe(symbolic ? `Q${text}` : text);
      }),
    );
  });

  it('is data as a property name too', async () => {
    const names = ['${ModelOpenai}', '{% x %}', '__proto__', 'a.$', '`tick`'];
    const flow = await workflow('inert', { input }, async () =>
      ask({ prompt: 'x', extra: Object.fromEntries(names.map((name) => [name, 1])) }),
    );
    const { definition } = compileWorkflow(flow);
    const deployed = substitute(definition, { ModelOpenai: 'arn' });
    const { extra } = JSON.parse(deployed).States['gpt-5-mini'].Arguments;
    expect(Object.keys(extra)).toEqual(names);
  });

  it('reads odd property names of results', async () => {
    const flow = await workflow('inert', { input }, async (given) => {
      // The schema does not name these.
      const odd = given as Symbolic<z.infer<typeof input> & OddlyNamed>;
      return { a: odd['a b'], b: odd['tick`'], c: odd['{% x'], d: odd.and, e: odd['1a'] };
    });
    const { Output } = JSON.parse(compileWorkflow(flow).definition).States.return;
    const Input: OddlyNamed = { 'a b': 1, 'tick`': [2], '{% x': 3, and: 4, '1a': 5 };
    const read = async (text: string) =>
      jsonata(text.slice(2, -2)).evaluate(undefined, {
        states: { context: { Execution: { Input } } },
      });
    expect(await Promise.all(Object.values<string>(Output).map(read))).toEqual([1, [2], 3, 4, 5]);
  });
});
