import { RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { CompiledWorkflow } from '../asl/compiled.ts';
import { machineName, statesArn } from './machine-name.ts';
import { grantResources, type StackResources } from './resource-grants.ts';
import type { WorkflowFunctions } from './workflow-functions.ts';

export interface GatherWorkflowProps {
  readonly workflow: CompiledWorkflow;
  /** Holds at least the functions that the workflow names. */
  readonly functions: WorkflowFunctions;
  /** Holds at least what the workflow needs besides functions. Default: nothing. */
  readonly resources?: StackResources;
}

/**
 * One workflow as a Standard state machine whose definition string is `workflow.definition`, byte
 * for byte; the ARNs come in through `DefinitionSubstitutions`.
 *
 * - Its name is `<stack>-<workflow>`, so that people find their own word in the console.
 * - Its role may invoke exactly the aliases that the document names, and only this state machine may
 *   take that role (AWS docs: "Prevent cross-service confused deputy issue"). With a Distributed Map,
 *   whose items are executions of the same state machine, it may also start, watch and stop those.
 *   Of the run table it may use exactly the actions of its document.
 * - Its log group gets every event without its payload: prompts and answers stay in the execution
 *   history, which AWS deletes 90 days after a run has ended.
 *
 * @throws LimitExceeded when the name comes out over 80 characters.
 */
export class GatherWorkflow extends Construct {
  readonly workflow: CompiledWorkflow;
  /** The state machine's name: `<stack>-<workflow>`. */
  readonly machineName: string;
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: GatherWorkflowProps) {
    super(scope, id);
    const { workflow, functions, resources = {} } = props;
    const name = machineName(this, workflow.name);
    const aliases = workflow.functions.map((need) => functions.alias(need));

    const role = new Role(this, 'Role', { assumedBy: onlyTheStateMachine(this, name) });
    if (aliases.length > 0) {
      role.addToPolicy(
        new PolicyStatement({
          actions: ['lambda:InvokeFunction'],
          resources: aliases.map((alias) => alias.functionArn),
        }),
      );
    }

    if (workflow.distributed) allowChildren(this, role, name);
    const substitutions = grantResources(role, workflow, resources);

    const logGroup = new LogGroup(this, 'Logs', {
      // Any other log group would take a place of its own in the account's log resource policy, and
      // that is full at 5,120 characters (AWS docs: "Logging using CloudWatch Logs").
      logGroupName: `/aws/vendedlogs/states/${name}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    this.workflow = workflow;
    this.machineName = name;
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: name,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(workflow.definition),
      definitionSubstitutions: {
        ...Object.fromEntries(
          workflow.functions.map((need, i) => [need.placeholder, aliases[i]!.functionArn]),
        ),
        ...substitutions,
      },
      role,
      tracingEnabled: true,
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
    });
    Tags.of(this).add('cloudgather:workflow', workflow.name);
  }

  /** Matches the ARN of every run of this state machine, and of no other. */
  get everyRunArn(): string {
    return statesArn(this, 'execution', `${this.machineName}:*`);
  }
}

function onlyTheStateMachine(scope: Construct, name: string): ServicePrincipal {
  return new ServicePrincipal('states.amazonaws.com', {
    conditions: {
      ArnEquals: { 'aws:SourceArn': statesArn(scope, 'stateMachine', name) },
      StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
    },
  });
}

/** AWS docs: "IAM policies for using Distributed Map states". A child's ARN is '<machine>/<label>:<id>'. */
function allowChildren(scope: Construct, role: Role, name: string): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['states:StartExecution'],
      resources: [statesArn(scope, 'stateMachine', name)],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      actions: ['states:DescribeExecution', 'states:RedriveExecution', 'states:StopExecution'],
      resources: [
        statesArn(scope, 'execution', `${name}:*`),
        statesArn(scope, 'execution', `${name}/*`),
      ],
    }),
  );
}
