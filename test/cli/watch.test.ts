import { describe, expect, it } from 'vitest';
import type { Run, RunEvent } from '../../lib/run/run.ts';
import { isTokens, type TokenEvent } from '../../lib/run/token-event.ts';
import { cloudgather } from './command-line.ts';

describe('cloudgather run --watch', () => {
  it('shows what each branch says under its name, and prints the result alone', async () => {
    const { code, stdout, stderr } = await cloudgather(['run', 'panel', '--watch', 'why?']);
    expect(code).toBe(0);
    for (const name of ['gpt', 'claude', 'gemini', 'verdict']) {
      const said = [...stderr.matchAll(new RegExp(`^${name} \\| (.*)$`, 'gm'))].map(([, it]) => it);
      expect(said.join(' ')).toMatch(name === 'verdict' ? /^\{"ranking"/ : /^Scripted answer of/);
      expect(stderr.lastIndexOf(`${name} |`)).toBeLessThan(stderr.indexOf(`${name}: succeeded`));
    }
    expect(stdout).not.toContain(' | ');
    expect(stdout).toContain('Scripted answer of gpt-5-mini');
  });

  it('prints an event a line with --json, tokens between them, and the run last', async () => {
    const { code, stdout } = await cloudgather(['run', 'panel', '--watch', '--json', 'why?']);
    expect(code).toBe(0);
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent | TokenEvent | Run);
    const run = told.pop() as Run & { output: { answers: Record<string, { value: string }> } };
    expect(run).toMatchObject({ workflow: 'panel', status: 'SUCCEEDED' });
    expect(run.id).toMatch(/--watched$/);
    const events = told as (RunEvent | TokenEvent)[];
    expect(events.filter((each) => !isTokens(each)).at(-1)?.type).toBe('ExecutionSucceeded');
    const gpt = events.filter(isTokens).filter(({ step }) => step === 'gpt');
    expect(gpt.length).toBeGreaterThan(1);
    expect(gpt.map(({ text }) => text).join('')).toBe(run.output.answers.gpt?.value);
  });

  it('rejects a state machine of a CDK app, which tells no text', async () => {
    const { code, stderr } = await cloudgather([
      ...['run', '--watch', '--assembly', 'cdk.out', '--machine', 'Any'],
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('--watch shows the text of model calls in a workflow');
  });
});
