import type { HistoryEvent } from '../../engine/history/event.ts';
import { wholeRunOf } from '../../local/run-payloads.ts';
import type { RunStore } from '../../local/store/run-store.ts';
import type { Resume, StoredRun } from '../../local/store/stored-run.ts';
import { runOf } from '../../local/stored-history.ts';
import { redacted } from '../../run/redacted.ts';
import type { Run } from '../../run/run.ts';
import { ending } from '../follow.ts';
import { printable, readable, shown } from '../format.ts';
import { runFolder } from '../runner-choice.ts';
import { depthOf, stepLine } from '../step-line.ts';
import { findRun, type RunNaming, readStore } from '../stored-run.ts';
import { summary } from '../summary.ts';
import type { Terminal } from '../terminal.ts';
import { localTime } from './runs.ts';

export interface ShowOptions extends RunNaming {
  readonly json?: boolean;
  readonly events?: boolean;
}

/** `cloudgather show <id>`: a run as the store knows it, whoever runs or ran it. */
export async function show(id: string, options: ShowOptions, terminal: Terminal): Promise<number> {
  const found = readStore((store) => {
    const stored = findRun(store, id, options);
    if (options.events) showEvents(store as RunStore, stored, options, terminal);
    return {
      run: runOf(store as RunStore, stored),
      resumes: (store as RunStore).resumes(stored.key),
    };
  });
  if (!options.events) {
    showRun(await wholeRunOf(found.run, runFolder()), found.resumes, options, terminal);
  }
  return 0;
}

function showRun(
  run: Run,
  resumes: readonly Resume[],
  options: ShowOptions,
  terminal: Terminal,
): void {
  if (options.json) {
    terminal.out(`${JSON.stringify(run, null, 2)}\n`);
    return;
  }
  const stopped = run.status === 'RUNNING' ? '' : `, ended ${localTime(run.stoppedAt)}`;
  const sections = [
    `${run.workflow} ${run.id}\nstarted ${localTime(run.startedAt)}${stopped}\n`,
    ...resumes.map(resumeLine),
    `\ninput\n${readable(run.input, '  ')}`,
    `\nsteps\n${stepLines(run)}`,
    run.status === 'SUCCEEDED'
      ? `\noutput\n${shown(readable(run.output, '  '), terminal.most)}`
      : `\n${ending(run)}\n`,
    `\n${summary(run, false)}`,
  ];
  terminal.out(sections.join(''));
}

function resumeLine({ after, time }: Resume): string {
  return `resumed ${localTime(new Date(time).toISOString())}, after event ${after}\n`;
}

function stepLines(run: Run): string {
  const width = Math.max(0, ...run.steps.map((step) => step.name.length + 2 * depthOf(run, step)));
  return run.steps
    .map((step) => {
      const name = `${'  '.repeat(depthOf(run, step))}${printable(step.name)}`.padEnd(width);
      const model = step.model === null ? '' : `, ${printable(step.model)}`;
      return `  ${name}  ${stepLine(step, Date.now())}${model}\n`;
    })
    .join('');
}

/** The events one by one; where another process took the run up, a line says so. */
function showEvents(
  store: RunStore,
  stored: StoredRun,
  options: ShowOptions,
  terminal: Terminal,
): void {
  const events = store.events(stored.key).map(redacted);
  if (options.json) {
    terminal.out(`${JSON.stringify(events, null, 2)}\n`);
    return;
  }
  const resumes = new Map(store.resumes(stored.key).map((resume) => [resume.after, resume]));
  for (const event of events) {
    terminal.out(`${eventLine(event)}\n`);
    const resume = resumes.get(event.id);
    if (resume) terminal.out(`      ${resumeLine(resume)}`);
  }
}

/** '   7     5  19:40:01.123  TaskStateEntered  gpt' */
function eventLine({ id, previousEventId, timestamp, type, details }: HistoryEvent): string {
  const time = `${localTime(new Date(timestamp).toISOString()).slice(11)}.${String(timestamp % 1000).padStart(3, '0')}`;
  const what = details?.name ?? details?.error ?? '';
  const ids = `${String(id).padStart(5)} ${String(previousEventId).padStart(5)}`;
  return `${ids}  ${time}  ${type}  ${printable(what)}`.trimEnd();
}
