import { RunConflict } from '../errors.ts';

/** @param why goes on from "Workflow 'x' has a run 'y' ", without a full stop */
export function conflict(workflow: string, id: string, why: string): RunConflict {
  return new RunConflict(`Workflow '${workflow}' has a run '${id}' ${why}.`);
}
