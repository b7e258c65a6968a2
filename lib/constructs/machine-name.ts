import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LimitExceeded } from '../errors.ts';

/** Step Functions: a state machine's name has at most 80 characters. */
const NAME_LIMIT = 80;

/** `<stack>-<workflow>`. @throws LimitExceeded when it comes out over 80 characters */
export function machineName(scope: Construct, workflow: string): string {
  const name = `${Stack.of(scope).stackName}-${workflow}`;
  if (name.length > NAME_LIMIT) {
    throw new LimitExceeded(
      `The state machine of workflow "${workflow}" would be named "${name}", which has ${name.length} ` +
        `characters. Step Functions allows ${NAME_LIMIT}: shorten the name of the workflow or of the stack.`,
    );
  }
  return name;
}

/** From the names, not from the machine: its role cannot refer to what refers to the role. */
export function statesArn(scope: Construct, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource,
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
