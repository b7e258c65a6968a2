import { describe, expect, it } from 'vitest';
import { RunningText } from '../../lib/cli/running-text.ts';
import { TextLines } from '../../lib/cli/text-lines.ts';
import type { Run, RunStep } from '../../lib/run/run.ts';
import type { TokenEvent } from '../../lib/run/token-event.ts';

const startedAt = '2026-01-01T00:00:00.000Z';

function tokens(text: string, more: Partial<TokenEvent> = {}): TokenEvent {
  return {
    type: 'Tokens',
    position: 1,
    run: 'r--watched',
    workflow: 'w',
    step: 'gpt',
    startedAt,
    item: null,
    attempt: 1,
    answer: 'a-1',
    index: 0,
    text,
    ...more,
  };
}

function step(id: number, more: Partial<RunStep> = {}): RunStep {
  return {
    id,
    name: 'gpt',
    kind: 'task',
    parent: null,
    status: 'RUNNING',
    startedAt,
    stoppedAt: null,
    attempts: 1,
    usage: null,
    price: null,
    model: null,
    error: null,
    ...more,
  };
}

const runOf = (...steps: RunStep[]) => ({ status: 'RUNNING', steps }) as unknown as Run;

describe('the running text of a step', () => {
  it('is the end of what it says, in one line of that width', () => {
    const text = new RunningText();
    const run = runOf(step(3));
    text.add(tokens('One\ntwo'), run);
    text.add(tokens(' three', { index: 1 }), run);
    expect(text.tail(step(3), 80)).toBe('One two three');
    expect(text.tail(step(3), 9)).toBe('two three');
    expect(text.tail(step(4), 80)).toBe('');
  });

  it('counts wide characters as two columns', () => {
    const text = new RunningText();
    text.add(tokens('日本語🙂'), runOf(step(3)));
    expect(text.tail(step(3), 5)).toBe('語🙂');
  });

  it('is inert, whatever the model says', () => {
    const text = new RunningText();
    text.add(tokens('a\u001b[2J\rb\u009b1Ac\u2028d'), runOf(step(3)));
    expect(text.tail(step(3), 80)).toBe('a[2J b1Ac d');
  });

  it('is told apart by item and by the time of entry', () => {
    const text = new RunningText();
    const later = '2026-01-01T00:00:09.000Z';
    const run = runOf(
      step(3, { item: 0 }),
      step(4, { item: 1 }),
      step(5, { item: 1, startedAt: later }),
    );
    text.add(tokens('zero', { item: 0, answer: 'a' }), run);
    text.add(tokens('late', { item: 1, startedAt: later, answer: 'b' }), run);
    text.add(tokens('one', { item: 1, answer: 'c' }), run);
    expect(run.steps.map((each) => text.tail(each, 80))).toEqual(['zero', 'one', 'late']);
  });

  it('is that of the latest answer where a call was made again', () => {
    const text = new RunningText();
    const run = runOf(step(3));
    text.add(tokens('Half', { answer: 'a' }), run);
    text.add(tokens('Whole', { answer: 'b', attempt: 2 }), run);
    expect(text.tail(step(3), 80)).toBe('Whole');
  });

  it('goes to steps that say nothing yet where two cannot be told apart', () => {
    const text = new RunningText();
    const run = runOf(step(3, { item: 0 }), step(4, { item: 0 }));
    text.add(tokens('first', { item: 0, answer: 'a' }), run);
    text.add(tokens('second', { item: 0, answer: 'b' }), run);
    expect(run.steps.map((each) => text.tail(each, 80))).toEqual(['first', 'second']);
  });
});

describe('the lines of what is said', () => {
  const printing = () => {
    const printed: string[] = [];
    return { printed, lines: new TextLines((line) => printed.push(line)) };
  };

  it('begin with the step, are whole, and two branches do not mix in one', () => {
    const { printed, lines } = printing();
    lines.add(tokens('One ', { answer: 'a' }));
    lines.add(tokens('Eins ', { answer: 'b', step: 'other', item: 2 }));
    lines.add(tokens('line\nand mo', { answer: 'a' }));
    expect(printed).toEqual(['gpt | One line\n']);
    lines.settle(runOf(step(3, { status: 'SUCCEEDED' }), step(4, { name: 'other' })));
    expect(printed).toEqual(['gpt | One line\n', 'gpt | and mo\n']);
    lines.settle({ ...runOf(step(4, { name: 'other' })), status: 'FAILED' } as Run);
    expect(printed.at(-1)).toBe('other[2] | Eins\n');
  });

  it('are ended where nobody ends them', () => {
    const { printed, lines } = printing();
    lines.add(tokens('word '.repeat(40)));
    expect(printed.length).toBe(2);
    expect(printed.every((line) => line.length < 100)).toBe(true);
  });

  it('are inert, whatever the model says', () => {
    const { printed, lines } = printing();
    lines.add(
      tokens('a\u001b]0;title\u0007b\r\u001b[1Aspoof: succeeded\n', { step: 'g\u001b[1A' }),
    );
    expect(printed).toEqual(['g[1A | a]0;titleb\n', 'g[1A | [1Aspoof: succeeded\n']);
  });
});
