import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { statesArn } from './machine-name.ts';

/**
 * Lets a role start executions of a state machine, wait for them and stop them (AWS docs: "IAM policies
 * for Step Functions", synchronous). It is told by its name: two workflows may call each other, and one
 * itself. The rule is the one by which Step Functions hears that an execution has ended.
 * @returns the state machine's ARN
 */
export function allowExecutions(role: IRole, machine: string): string {
  const arn = statesArn(role, 'stateMachine', machine);
  const rule = Stack.of(role).formatArn({
    service: 'events',
    resource: 'rule',
    resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
  });
  const statements: readonly (readonly [string[], string])[] = [
    [['states:StartExecution'], arn],
    [
      ['states:DescribeExecution', 'states:StopExecution'],
      statesArn(role, 'execution', `${machine}:*`),
    ],
    [['events:DescribeRule', 'events:PutRule', 'events:PutTargets'], rule],
  ];
  for (const [actions, resource] of statements) {
    role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [resource] }));
  }
  return arn;
}
