import { taskCallbacks } from '../../callback/task-callbacks.ts';
import { TaskTokenRefused } from '../../engine/task/task-tokens.ts';
import { ApprovalNotFound, RunConflict } from '../../errors.ts';
import type { Json } from '../../json.ts';
import {
  type Approval,
  type ApprovalAnswer,
  type ApprovalTask,
  approvalsIn,
  whyNotWaiting,
} from '../../run/approval.ts';
import type { TokenDesk } from '../door/token-desk.ts';
import type { RunStore } from '../store/run-store.ts';
import type { StoredRun } from '../store/stored-run.ts';

/** What a run on this machine has asked so far. One that nobody goes on with cannot be answered. */
export function askedBy(store: RunStore, run: StoredRun): readonly ApprovalTask[] {
  return approvalsIn(store.events(run.key));
}

/**
 * Answers what a run has asked: in this process by its desk, and a run of another process at the door
 * of that one. Resolves when the answer is on the disk.
 * @param desk of this process, where it is the one that runs it
 * @throws ApprovalNotFound; RunConflict where it no longer waits, or nobody goes on with the run
 */
export async function answerRun(
  store: RunStore,
  run: StoredRun,
  desk: TokenDesk | null,
  id: string,
  answer: ApprovalAnswer,
): Promise<Approval> {
  const task = askedBy(store, run).find(({ approval }) => approval.id === id);
  if (!task) {
    throw new ApprovalNotFound(
      `Run '${run.id}' of workflow '${run.workflow}' has asked nothing by that id. 'cloudgather approvals ${run.id}' lists what waits.`,
    );
  }
  const { approval, token } = task;
  if (!approval.waits) throw new RunConflict(whyNotWaiting(approval));
  if (!desk && store.isInterrupted(run)) {
    throw new RunConflict(
      `Run '${run.id}' was interrupted: the process that ran it has ended. 'cloudgather resume ${run.id}' goes on with it; answer then.`,
    );
  }
  const output: Json = { ...answer, how: 'answered' };
  const taken = desk
    ? await atDesk(desk, token, JSON.stringify(output))
    : await atDoor(store, run, token, output);
  if (taken) return { ...approval, answer, waits: false };
  const now = askedBy(store, run).find((each) => each.approval.id === id)?.approval ?? approval;
  throw new RunConflict(whyNotWaiting(now));
}

async function atDesk(desk: TokenDesk, token: string, output: string): Promise<boolean> {
  try {
    await desk.succeed(token, output);
    return true;
  } catch (error) {
    if (error instanceof TaskTokenRefused) return false;
    throw error;
  }
}

async function atDoor(
  store: RunStore,
  run: StoredRun,
  token: string,
  output: Json,
): Promise<boolean> {
  const door = store.door(run);
  if (door === undefined) {
    throw new RunConflict(
      `Run '${run.id}' goes on in a process that nobody can call. Answer by the link that it told.`,
    );
  }
  const keys = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  return taskCallbacks({ ...keys, AWS_ENDPOINT_URL_SFN: door }).succeed(token, output);
}
