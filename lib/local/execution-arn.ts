const place = 'arn:aws:states:us-east-1:000000000000';

/** The ARN that a run's execution has on this machine. */
export function executionArn(workflow: string, id: string): string {
  return `${place}:execution:${workflow}:${id}`;
}

/** What the engine is told of who an execution is. */
export function executionNames(workflow: string, id: string) {
  return {
    name: id,
    executionArn: executionArn(workflow, id),
    stateMachineArn: `${place}:stateMachine:${workflow}`,
  };
}
