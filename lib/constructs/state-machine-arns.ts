import { Stack } from 'aws-cdk-lib';
import type { GatherWorkflow } from './gather-workflow.ts';

/**
 * JSON text, workflow name to state machine ARN: `{"panel":"arn:aws:states:..."}`. The stack's
 * output `StateMachines` and the API function's environment hold this same text; the ARNs in it are
 * filled in by CloudFormation.
 */
export function stateMachineArns(machines: readonly GatherWorkflow[]): string {
  const first = machines[0];
  if (first === undefined) return '{}';
  return Stack.of(first).toJsonString(
    Object.fromEntries(machines.map((each) => [each.workflow.name, each.machine.stateMachineArn])),
  );
}
