import { styleText } from 'node:util';
import type { Run, RunStep } from '../run/run.ts';
import type { TokenEvent } from '../run/token-event.ts';
import { duration, printable } from './format.ts';
import { RunningText } from './running-text.ts';
import { depthOf, stepLine } from './step-line.ts';
import type { Terminal } from './terminal.ts';
import { TextLines } from './text-lines.ts';

/** Shows a run as it goes on: redrawn on a terminal, one line per change elsewhere. */
export interface Progress {
  update(run: Run): void;
  /** Some text of a model's answer has come. */
  tell(tokens: TokenEvent, run: Run): void;
  end(): void;
}

export async function showProgress(terminal: Terminal): Promise<Progress> {
  return terminal.live ? liveProgress(terminal) : lineProgress(terminal);
}

/** A line whenever a step starts, is retried or ends. */
function lineProgress(terminal: Terminal): Progress {
  const told = new Map<number, string>();
  const lines = new TextLines((line) => terminal.err(line));
  return {
    update(run) {
      lines.settle(run);
      for (const step of run.steps) {
        const status = step.waitsFor ?? step.status;
        if (told.get(step.id) === status) continue;
        if (status === 'WAITING' && !step.deferrals) continue;
        told.set(step.id, status);
        terminal.err(`${printable(step.name)}: ${stepLine(step, Date.now())}\n`);
      }
    },
    tell: (tokens) => lines.add(tokens),
    end() {},
  };
}

const framesPerSecond = 10;

/** All steps, redrawn in place. The renderer is loaded here: a run without a terminal needs none. */
async function liveProgress(terminal: Terminal): Promise<Progress> {
  const { logUpdateStderr } = await import('log-update');
  let shown: Run | undefined;
  const text = new RunningText();
  const draw = (): void => {
    if (shown) logUpdateStderr(picture(shown, text, terminal.columns));
  };
  const timer = setInterval(draw, 1000 / framesPerSecond);
  terminal.above = (text) => logUpdateStderr.persist(text.replace(/\n$/, ''));
  return {
    update(run) {
      shown = run;
    },
    tell: (tokens, run) => text.add(tokens, run),
    end() {
      clearInterval(timer);
      terminal.above = undefined;
      draw();
      logUpdateStderr.done();
    },
  };
}

/** More lines than a screen holds would scroll away: the last ones are shown. */
const maxLines = 30;

function picture(run: Run, text: RunningText, columns: number): string {
  const now = Date.now();
  const width = Math.max(0, ...run.steps.map((step) => step.name.length + 2 * depthOf(run, step)));
  const lines = run.steps.flatMap((step) => {
    const indent = '  '.repeat(depthOf(run, step));
    const name = `${indent}${printable(step.name)}`.padEnd(width);
    const line = colored(step, `${name}  ${stepLine(step, now)}`.slice(0, columns - 1));
    const said = step.status === 'RUNNING' ? text.tail(step, columns - indent.length - 4) : '';
    return said === '' ? [line] : [line, `${indent}  ${said}`];
  });
  const hidden = lines.length - maxLines;
  const head = `${run.workflow} ${run.status.toLowerCase()} ${duration(now - Date.parse(run.startedAt))}`;
  return [head, ...(hidden > 0 ? [`(${hidden} more above)`] : []), ...lines.slice(-maxLines)].join(
    '\n',
  );
}

function colored(step: RunStep, line: string): string {
  const color = {
    WAITING: 'dim',
    RUNNING: 'cyan',
    RETRYING: 'yellow',
    SUCCEEDED: 'green',
    FAILED: 'red',
    ABORTED: 'dim',
  } as const;
  return styleText(color[step.status], line, { stream: process.stderr });
}
