import { afterAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../lib/check/findings.ts';
import { flow, project } from './project.ts';

/** The title, the rule, what the message says, and the body: `§` stands where the finding points to. */
const misuses: readonly (readonly [string, string, RegExp, ...string[]])[] = [
  [
    'a value in if',
    'if',
    /'input\.question' is the condition of `if`.*when\(/,
    'if (§given.question) await ask({ prompt: "x" });',
  ],
  [
    'a result in if, with a cast',
    'if',
    /'model call 'gpt-5-mini'' is the condition/,
    'const answer = await ask({ prompt: "x" });',
    'if (§answer as unknown as boolean) return 1;',
  ],
  [
    'a step in if',
    'if',
    /The model call 'gpt-5-mini' is the condition of `if` before it is awaited/,
    'const step = ask({ prompt: "x" });',
    'if (§step) await step;',
  ],
  [
    'text that may be empty in if',
    'if',
    /text that holds 'input\.question'/,
    'if (§`${given.question}`) return 1;',
  ],
  [
    'a value in else if',
    'if',
    /'input\.tone'/,
    'if (1 > 2) return 1;',
    'else if (§given.tone) return 2;',
  ],
  ['a value in while', 'loop', /condition of `while`.*repeat\(/, 'while (§given.tone) break;'],
  [
    'a value in do while',
    'loop',
    /condition of `while`/,
    'let turns = 0;',
    'do { turns += 1; if (turns > 2) break; } while (§given.tone);',
  ],
  ['a value in for', 'loop', /condition of `for`/, 'for (; §given.tone; ) break;'],
  ['a value before ?', '?:', /'input\.tone'.*when\(/, 'return §given.tone ? 1 : 2;'],
  ['a value after !', '!', /negated.*not\(/, 'return !§given.tone;'],
  ['a value before &&', '&&', /left side of `&&`.*and\(/, 'return §given.tone && 1;'],
  ['a value before ||', '||', /never takes the right.*or\(/, 'return §given.tone || 1;'],
  ['a value before ??', '??', /never takes the right.*exists/, 'return §given.tone ?? 1;'],
  [
    'a value after && in if',
    'if',
    /'input\.tone'/,
    'const known = 1;',
    'if (known && §given.tone) return 1;',
  ],
  ['??=', '??', /`\?\?=`/, 'let tone = given.tone;', '§tone ??= "warm";', 'return tone;'],
  ['||=', '||', /`\|\|=`/, 'let tone = given.tone;', '§tone ||= "warm";', 'return tone;'],
  ['===', 'comparison', /compared by `===`.*eq\(/, 'return §given.tone === "warm";'],
  ['!==', 'comparison', /compared by `!==`.*ne\(/, 'return §"warm" !== given.tone;'],
  [
    '== between two values',
    'comparison',
    /compared by `==`/,
    'return §given.tone == given.question;',
  ],
  [
    '=== of text',
    'comparison',
    /The text that holds 'input\.tone'/,
    'return §`${given.tone}!` === "warm!";',
  ],
  ['=== undefined', 'absence', /null or undefined.*exists\(/, 'return §given.tone === undefined;'],
  ['!= null', 'absence', /null or undefined.*exists\(/, 'return §given.tone != null;'],
  ['<', 'order', /compared by `<`.*lt, lte/, 'return §given.tone < 3;'],
  ['+', 'arithmetic', /operand of `\+`.*jsonata/, 'return §given.tone + 1;'],
  ['+=', 'arithmetic', /operand of `\+=`/, 'let sum = 0;', 'sum += §given.tone;', 'return sum;'],
  ['unary -', 'arithmetic', /operand of `-`/, 'return -§given.tone;'],
  [
    'switch',
    'switch',
    /`switch` compares.*when\(eq/,
    'switch (§given.tone) { case "warm": return 1; default: return 2; }',
  ],
  [
    'case',
    'switch',
    /`case` compares/,
    'switch ("warm") { case §given.tone: return 1; default: return 2; }',
  ],
  ['typeof', 'typeof', /'function', for every run/, 'return typeof §given.tone;'],
  [
    'typeof of a part',
    'typeof',
    /'input\.tone'/,
    'const { tone } = given;',
    'return typeof §tone === "string";',
  ],
  ['in', 'in', /by `in`.*exists/, 'return "tone" in §given;'],
  ['instanceof', 'instanceof', /says false/, 'return §given.tone instanceof Date;'],
  ['?.', '?.', /absent fails the state.*exists/, 'return §given.tone?.warmth;'],
  ['?.[ ]', '?.', /read by `\?\.`/, 'return §given.items?.[0];'],
  [
    'a default in a pattern',
    'default',
    /default for 'tone'.*schema/,
    'const { question, §tone = "warm" } = given;',
    'return { question, tone };',
  ],
  [
    'a default in a nested pattern',
    'default',
    /default for 'warmth'/,
    'const { tone: { §warmth = 1, ...rest } } = given;',
    'return warmth;',
  ],
  [
    'a value as a key',
    'key',
    /\$lookup/,
    'const table = { warm: 1 };',
    'return table[§given.tone] ?? 0;',
  ],
  [
    'for of',
    'iteration',
    /iterated \(`for of`\).*each\(/,
    'for (const item of §given.items) await ask({ prompt: item });',
  ],
  ['for in', 'iteration', /iterated \(`for in`\)/, 'for (const key in §given.tone) break;'],
  [
    'destructuring of a list',
    'iteration',
    /destructuring/,
    'const [first, next] = §given.items;',
    'return first;',
  ],
  ['a spread in a list', 'spread', /\$append/, 'return [1, ...§given.items];'],
  ['a spread in an object', 'spread', /\$merge/, 'return { a: 1, ...§given.tone };'],
  ['a spread of arguments', 'spread', /spread/, 'return [Math.max(...§given.items)].length;'],
  ['length of a list', 'length', /\$count/, 'return §given.items.length;'],
  ['length of text', 'length', /text that holds/, 'return §`${given.tone}`.length;'],
  ['a method of text', 'text', /by `\.startsWith\(\)`/, 'return §`${given.tone}`.startsWith("w");'],
  [
    'includes',
    'argument',
    /judged by `includes`.*includes\(/,
    'return ["warm"].includes(§given.tone);',
  ],
  ['has', 'argument', /judged by `has`/, 'return new Set(["warm"]).has(§given.tone);'],
  ['Boolean()', 'argument', /judged by `Boolean`/, 'return Boolean(§given.tone);'],
  ['filter(Boolean)', 'argument', /judged by `Boolean`/, 'return [given.tone].filter(§Boolean);'],
  ['Array.isArray', 'argument', /judged by `Array\.isArray`/, 'return Array.isArray(§given.tone);'],
  ['Object.is', 'argument', /judged by `Object\.is`/, 'return Object.is(§given.tone, 1);'],
  [
    'try around an awaited step',
    'try',
    /The model call 'gpt-5-mini' is awaited in a `try`.*catch\(/,
    'try { return await §ask({ prompt: "x" }); } catch { return 1; }',
  ],
  [
    'finally around an awaited gather',
    'try',
    /The gather is awaited in a `try`/,
    'try { return await §gather([ask({ prompt: "x" })]); } finally { given.tone; }',
  ],
  [
    'a step that is never awaited',
    'StepNeverAwaited',
    /never awaits: model call 'gpt-5-mini'/,
    '§ask({ prompt: "x" });',
  ],
  [
    'a step that is awaited twice',
    'StepMisused',
    /is awaited a second time/,
    'const step = §ask({ prompt: "x" });',
    'await step;',
    'await step;',
  ],
  [
    'a method of the data, behind a probe in the same line',
    'SymbolicValueMisused',
    /'input\.tone\.trim' is called/,
    'return 1 || given.tone ? given.tone.§trim() : 1;',
  ],
  [
    'what JSON cannot carry',
    'WorkflowInvalid',
    /a Date instance/,
    'return await §ask({ prompt: new Date() });',
  ],
  [
    'an error of the module’s own',
    'module',
    /cannot be loaded: RangeError: no/,
    'throw §new RangeError("no");',
  ],
  [
    'a task without its file',
    'task',
    /functions\/none\.ts, and there is no such file/,
    'return await task("functions/none.ts")({});',
  ],
  [
    'a document over 1 MB',
    'LimitExceeded',
    /at most/,
    'return await ask({ prompt: "x".repeat(2_000_000) });',
  ],
];

/** These rules are about the whole workflow: they point to its definition. */
const ofDefinition = new Set(['task', 'LimitExceeded']);

describe('cloudgather check finds', () => {
  const modules = misuses.map(([, , , ...lines], index) => [
    `workflows/${String(index).padStart(2, '0')}.ts`,
    flow(`flow-${index}`, ...lines.map((line) => line.replace('§', ''))),
  ]);
  const made = project(Object.fromEntries(modules));
  let findings: readonly Finding[] | undefined;
  afterAll(() => made.remove());

  it.each(misuses.map((misuse, index) => [misuse[0], index] as const))(
    '%s',
    async (_title, index) => {
      findings ??= (await made.json()).findings;
      const [, rule, message, ...lines] = misuses[index]!;
      const file = `workflows/${String(index).padStart(2, '0')}.ts`;
      const at = lines.findIndex((line) => line.includes('§'));
      const definition = `export const flow${index} = await `.length + 1;
      expect(findings.filter((finding) => finding.file === file)).toEqual([
        {
          file,
          line: ofDefinition.has(rule) ? 2 : at + 3,
          column: ofDefinition.has(rule) ? definition : lines[at]!.indexOf('§') + 1,
          rule,
          message: expect.stringMatching(message),
        },
      ]);
    },
  );
});
