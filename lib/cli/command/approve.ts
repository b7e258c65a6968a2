import { userInfo } from 'node:os';
import { RunConflict, UsageError } from '../../errors.ts';
import { answerRun, askedBy } from '../../local/approval/answered.ts';
import { RunStore } from '../../local/store/run-store.ts';
import type { StoredRun } from '../../local/store/stored-run.ts';
import { type Approval, whyNotWaiting } from '../../run/approval.ts';
import { printable } from '../format.ts';
import { runFolder } from '../runner-choice.ts';
import { findRun, type RunNaming, readStore } from '../stored-run.ts';
import type { Terminal } from '../terminal.ts';

export interface ApproveOptions extends RunNaming {
  readonly reject?: boolean;
  readonly comment?: string;
  /** Which one, where several wait. */
  readonly step?: string;
  /** Who answers. Default: the user's name on this machine. */
  readonly by?: string;
}

/**
 * `cloudgather approve <id>`: answers what a run waits for, whichever process runs it. Exit codes: 0 the
 * answer is taken; 2 (thrown) it is not: nothing waits, it is answered already, or nobody runs it.
 */
export async function approve(
  id: string,
  options: ApproveOptions,
  terminal: Terminal,
): Promise<number> {
  const stored = readStore((store) => findRun(store, id, options));
  const store = new RunStore(runFolder());
  try {
    const asked = askedBy(store, stored).map(({ approval }) => approval);
    const chosen = choose(asked, stored, options.step);
    const answer = {
      approved: !options.reject,
      comment: options.comment?.trim() || null,
      by: options.by ?? userInfo().username,
    };
    await answerRun(store, stored, null, chosen.id, answer);
    terminal.err(
      `${printable(chosen.step)} is ${answer.approved ? 'approved' : 'rejected'}: ${printable(chosen.question)}\n`,
    );
    return 0;
  } finally {
    store.close();
  }
}

/** @throws RunConflict where nothing waits; UsageError where it is not clear which one is meant */
function choose(asked: readonly Approval[], run: StoredRun, step: string | undefined): Approval {
  const meant = step === undefined ? asked : asked.filter((each) => each.step === step);
  const waiting = meant.filter(({ waits }) => waits);
  const [first, second] = waiting;
  if (first && !second) return first;
  if (first) {
    const names = [...new Set(waiting.map((each) => printable(each.step)))].join(', ');
    throw new UsageError(
      step === undefined
        ? `Run '${run.id}' waits for ${waiting.length} approvals: ${names}. Say which with --step.`
        : `Run '${run.id}' waits for ${waiting.length} approvals of the step '${step}'. Answer them by their links.`,
    );
  }
  const last = meant.at(-1);
  if (last) throw new RunConflict(whyNotWaiting(last));
  const of = step === undefined ? '' : ` named '${step}'`;
  const steps = [...new Set(asked.map((each) => printable(each.step)))].join(', ');
  throw new RunConflict(
    `Run '${run.id}' of workflow '${run.workflow}' waits for no approval${of}${steps && of ? `; it has asked: ${steps}` : ''}.`,
  );
}
