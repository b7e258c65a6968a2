const place = 'arn:aws:states:us-east-1:000000000000';

/** The ARN that a run's execution has on this machine. */
export function executionArn(workflow: string, id: string): string {
  return `${place}:execution:${workflow}:${id}`;
}

/** The ARN that a workflow's state machine has on this machine. */
export function machineArn(workflow: string): string {
  return `${place}:stateMachine:${workflow}`;
}

/** What the engine is told of who an execution is. */
export function executionNames(workflow: string, id: string) {
  return {
    name: id,
    executionArn: executionArn(workflow, id),
    stateMachineArn: machineArn(workflow),
  };
}
