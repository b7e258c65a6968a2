import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cloudgather } from '../cli/command-line.ts';
import { flow, type Project, project } from './project.ts';

function checked(modules: Readonly<Record<string, string>>): Project {
  const made = project(modules);
  onTestFinished(made.remove);
  return made;
}

describe('cloudgather check', () => {
  it('finds nothing in the workflows of this project, and looks at all of them', async () => {
    const { code, stdout, stderr } = await cloudgather(['check']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^\d+ workflows compiled, no findings\.$/m);
    const all = await cloudgather(['list']);
    expect(stderr).toContain(`${all.stdout.trim().split('\n').length} workflows`);
  });

  it('prints each finding as compilers do, in order, and exits with 1', async () => {
    const made = checked({
      'workflows/b.ts': flow('second', '  return given.tone ? 1 : 2;'),
      'workflows/a.ts': flow('first', 'if (given.tone) given;', 'return given.tone ?? 2;'),
      'workflows/c.ts': flow('third', 'return await ask({ prompt: given.tone });'),
    });
    const { code, stdout, stderr } = await made.check();
    expect(code).toBe(1);
    expect(stdout.split('\n').map((line) => line.split(' ', 4).join(' '))).toEqual([
      "workflows/a.ts:3:5 The value 'input.tone'",
      "workflows/a.ts:4:8 The value 'input.tone'",
      "workflows/b.ts:3:10 The value 'input.tone'",
      '',
    ]);
    expect(stderr).toBe('3 workflows compiled, 3 findings.\n');
  });

  it('goes on in a module behind a workflow that cannot be traced, and with those that call it', async () => {
    const made = checked({
      'workflows/a.ts': [
        flow('broken', 'ask({ prompt: "x" });', 'ask({ prompt: "y" });'),
        flow('caller', 'return await call(broken, {});'),
        flow('other', 'return given.tone === 1;'),
      ].join('\n'),
    });
    const { findings, workflows } = await made.json();
    expect(findings.map(({ line, rule }) => [line, rule])).toEqual([
      [3, 'StepNeverAwaited'],
      [4, 'StepNeverAwaited'],
      [10, 'comparison'],
    ]);
    expect(workflows).toEqual(['caller', 'other']);
  });

  it('looks at what workflows import from the project, and not at packages', async () => {
    const made = checked({
      'parts/polite.ts': 'export const polite = (tone) => (tone === "warm" ? 1 : 2);',
      'node_modules/rude/index.js': 'export const rude = (tone) => (tone === "cold" ? 1 : 2);',
      'node_modules/rude/package.json': '{}',
      'workflows/a.ts': [
        "import { polite } from '../parts/polite.ts';",
        "import { rude } from '../node_modules/rude/index.js';",
        flow('imports', 'return [polite(given.tone), rude(given.tone)];'),
      ].join('\n'),
    });
    const { findings } = await made.json();
    expect(findings).toMatchObject([
      { file: 'parts/polite.ts', line: 2, column: 34, rule: 'comparison' },
    ]);
  });

  it('leaves alone what is known while the document is built', async () => {
    const made = checked({
      'workflows/a.ts': [
        'const voices = { warm: "w", cold: "c" };',
        'type Word = "a" | "b";',
        flow(
          'known',
          'const table = new Map([["warm", 1]]);',
          'if (typeof nowhere === "undefined" && table.has("warm") && !voices.hot) table.get("warm");',
          'for (const [name, voice] of Object.entries(voices)) await ask({ prompt: `${name} ${voice}`.trim() });',
          'const pair = await gather([ask({ prompt: "a" }), ask({ prompt: "b" })]);',
          'const [a, ...rest] = pair;',
          'const named = await gather({ c: ask({ prompt: "c" }) });',
          'const { prompt, tone = "warm" } = { prompt: given.question, tone: given.tone };',
          'const extra = ((one?: unknown): unknown => one)();',
          'if (extra ?? extra?.length) throw new Error("never");',
          'if (pair.length === 2 && pair.map(String).length > 1) { try { table.clear(); } catch {} }',
          'const text = `About ${a}`; if (text) table.clear();',
          'class Box { readonly size = 1 as number; get twice(): number { return this.size * 2; } }',
          'let count = new Box().twice; count += 2; count ??= 3; count++;',
          'switch (count as Word | number) { case 6: break; default: }',
          'const made = new (class { at = voices.warm.length })();',
          'return { ...named, rest, prompt, tone, text, size: made.at, page: given.tone.link, field: given.tone["length"] };',
        ),
      ].join('\n'),
    });
    const { code, stdout, stderr } = await made.check();
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/1 workflow compiled, no findings\.$/m),
    });
  });

  it('says which places tracing did not come by', async () => {
    const made = checked({
      'workflows/a.ts': flow(
        'branches',
        'const never = () => given.tone === 1;',
        'return await ask({ prompt: given.tone });',
      ),
    });
    const { code, stderr } = await made.check();
    expect(code).toBe(0);
    expect(stderr).toContain('tracing did not come by: workflows/a.ts:3:21\n');
  });

  it('keeps quiet where a comment says why', async () => {
    const made = checked({
      'workflows/a.ts': flow(
        'quiet',
        '// check-ignore: asks only whether the caller passed one',
        'if (given.tone) await ask({ prompt: "x" });',
        'return given.tone ?? 1; // check-ignore: the same',
      ),
    });
    expect((await made.json()).findings).toEqual([]);
  });

  it('finds a definition that is not awaited, and two of one name', async () => {
    const made = checked({
      'workflows/a.ts': flow('one', 'return await ask({ prompt: "x" });'),
      'workflows/b.ts': [
        flow('one', 'return await ask({ prompt: "x" });').replace('await', ''),
        flow('two', 'return await ask({ prompt: "x" });').replace("'two'", "'one'"),
      ].join('\n'),
    });
    const { findings } = await made.json();
    expect(findings.map(({ file, rule }) => [file, rule])).toEqual([
      ['workflows/b.ts', 'not-awaited'],
      ['workflows/b.ts', 'name'],
    ]);
  });

  it('finds a syntax error, and goes on with the other modules', async () => {
    const made = checked({
      'workflows/a.ts': 'export const broken = (;',
      'workflows/b.ts': flow('two', 'return !given.tone;'),
    });
    const { findings } = await made.json();
    expect(findings).toMatchObject([
      { file: 'workflows/a.ts', line: 2, column: 24, rule: 'syntax' },
      { file: 'workflows/b.ts', line: 3, rule: '!' },
    ]);
  });

  it('checks the workflows that are named, by name or by file', async () => {
    const made = checked({
      'workflows/01-first.ts': flow('first', 'return !given.tone;'),
      'workflows/02-second.ts': flow('second', 'return !given.tone;'),
      'workflows/03-third.ts': flow('third', 'ask({ prompt: "x" });'),
    });
    const files = async (...names: string[]) => {
      const { findings } = await made.json(...names);
      return findings.map(({ file }) => file);
    };
    expect(await files('first')).toEqual(['workflows/01-first.ts']);
    expect(await files('02-second', 'third')).toEqual([
      'workflows/02-second.ts',
      'workflows/03-third.ts',
    ]);
  });

  it('keeps the CDK app from being synthesized while there is a finding', async () => {
    const made = checked({ 'workflows/a.ts': flow('one', 'return given.tone ? 1 : 2;') });
    const app = fileURLToPath(new URL('../../bin/app.ts', import.meta.url));
    const { code, stderr } = await made.node(app);
    expect(stderr).toMatch(/^workflows\/a\.ts:3:8 The value 'input\.tone' is the condition/m);
    expect(code).toBe(1);
  });

  it('rejects a name that no workflow has, and a project without workflows, with exit code 2', async () => {
    const made = checked({ 'workflows/a.ts': flow('one', 'return await ask({ prompt: "x" });') });
    const unknown = await made.check('two');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/There is no workflow 'two'\. The workflows are: one\./);
    expect(await made.check('--jason')).toMatchObject({ code: 2, stdout: '' });
  });
});
