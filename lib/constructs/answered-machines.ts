import type { GatherWorkflow } from './gather-workflow.ts';

/**
 * The resources of `states:SendTask*` for tasks of these machines. AWS's list of actions names no
 * resource for them, but they are judged by the state machine's ARN, which AWS's refusals name (decision
 * of 2026-11-22 on approvals); the items of a Distributed Map run as a machine of a longer name.
 */
export function answeredMachines(machines: readonly GatherWorkflow[]): string[] {
  return machines.flatMap(({ machine, workflow }) => [
    machine.stateMachineArn,
    ...(workflow.distributed ? [`${machine.stateMachineArn}/*`] : []),
  ]);
}
