import { CfnOutput, Lazy, Stack, Tags } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import { answeringFunction } from '../asl/approval-functions.ts';
import type { CompiledWorkflow } from '../asl/compiled.ts';
import type { Manifest } from '../run/manifest.ts';
import { ApiFunction } from './api-function.ts';
import { ApprovalLinkFunction, type ApprovalLinkFunctionProps } from './approval-function.ts';
import type { FunctionBundles } from './function-bundles.ts';
import { GatherWorkflow } from './gather-workflow.ts';
import { HttpApi, type LinkRoute } from './http-api.ts';
import { machineName } from './machine-name.ts';
import { ModelConnection } from './model-connection.ts';
import { anyNeeds, calledProviders } from './resource-grants.ts';
import { RunTable } from './run-table.ts';
import { SignedLinks } from './signed-links.ts';
import { stateMachineArns } from './state-machine-arns.ts';
import { WorkflowFunctions } from './workflow-functions.ts';

export interface CloudgatherProps {
  readonly workflows: readonly CompiledWorkflow[];
  /** Made by `bundleFunctions` from at least these workflows. */
  readonly bundles: FunctionBundles;
}

/**
 * Workflows as they run in AWS: their functions, each once; a state machine each; one HTTP API over
 * all of them. Outputs: `StateMachines` (JSON text, workflow name to ARN), `PayloadBucket` and `ApiUrl`.
 *
 * What the documents need besides functions gets a construct of its own here, made only where one of
 * them needs it, and is handed to `GatherWorkflow`, which grants it.
 */
export class Cloudgather extends Construct {
  readonly functions: WorkflowFunctions;
  readonly machines: readonly GatherWorkflow[];
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, { workflows, bundles }: CloudgatherProps) {
    super(scope, id);
    const linked = (workflow: CompiledWorkflow) => asksPeople(workflow) || hasBackground(workflow);
    const authorizer = (bundles.approvals ?? bundles.background)?.authorizer;
    const links =
      authorizer !== undefined && workflows.some(linked)
        ? new SignedLinks(this, 'Links', { bundle: authorizer })
        : undefined;
    const table =
      links || anyNeeds(workflows, 'table') ? new RunTable(this, 'RunTable') : undefined;
    // The API is made last, since it knows the machines; the functions know its URL.
    const linkBase = Lazy.string({ produce: () => this.api.url });
    const callbacks = links && table && { links, table, linkBase };
    const functions = new WorkflowFunctions(this, 'Functions', {
      workflows,
      bundles,
      table,
      callbacks,
    });
    const names = workflows.map((each) => [each.name, machineName(this, each.name)] as const);
    const connections = [...calledProviders(workflows)].map((provider) => {
      const made = new ModelConnection(this, `connection-${provider}`, provider, functions.keys);
      return [provider, made] as const;
    });
    const resources = { table, machines: new Map(names), connections: new Map(connections) };
    const machines = workflows.map(
      (workflow) => new GatherWorkflow(this, workflow.name, { workflow, functions, resources }),
    );
    for (const [name, background] of functions.background) {
      background.follow(
        machines.filter(({ workflow }) => workflow.functions.some((need) => need.name === name)),
      );
    }
    const asking = machines.filter(({ workflow }) => asksPeople(workflow));
    const handler = new ApiFunction(this, 'ApiFunction', {
      bundle: bundles.api,
      machines,
      manifest: manifestOf(workflows),
      tokens: functions.tokens,
      payloads: functions.payloads,
    });
    this.functions = functions;
    this.machines = machines;
    this.api = new HttpApi(this, 'Api', {
      handler: handler.alias,
      links: links &&
        table && {
          authorizer: links.authorizer,
          routes: [
            ...(asking.length > 0
              ? [
                  approvalRoute(this, bundles, {
                    machines: asking,
                    table,
                    payloads: functions.payloads,
                  }),
                ]
              : []),
            ...[...functions.background.values()].map(({ route }) => route),
          ],
        },
    });

    const stack = Stack.of(this);
    new CfnOutput(stack, 'StateMachines', {
      description: 'Workflow name to state machine ARN, as JSON',
      value: stateMachineArns(machines),
    });
    if (functions.payloads !== undefined) {
      new CfnOutput(stack, 'PayloadBucket', {
        description: 'What is too large for the data of a run',
        value: functions.payloads.name,
      });
    }
    new CfnOutput(stack, 'ApiUrl', {
      description: 'HTTP API; every request is signed (SigV4, service execute-api)',
      value: this.api.url,
    });
    if (functions.tokens) {
      new CfnOutput(stack, 'TokenTable', {
        description: 'Where the text of watched runs is told while it comes',
        value: functions.tokens.name,
      });
    }
    Tags.of(this).add('cloudgather:stack', stack.stackName);
  }
}

function asksPeople({ functions }: CompiledWorkflow): boolean {
  return functions.some(({ kind }) => kind === 'approval');
}

function hasBackground({ functions }: CompiledWorkflow): boolean {
  return functions.some(({ kind }) => kind === 'submit');
}

function approvalRoute(
  scope: Construct,
  bundles: FunctionBundles,
  kept: Pick<ApprovalLinkFunctionProps, 'machines' | 'table' | 'payloads'>,
): LinkRoute {
  const { name, timeoutSeconds, serves } = answeringFunction;
  const bundle = bundles.approvals!.link;
  const answering = new ApprovalLinkFunction(scope, name, { bundle, timeoutSeconds, ...kept });
  return {
    path: `/${serves}/{id}`,
    methods: [HttpMethod.GET, HttpMethod.POST],
    handler: answering.alias,
  };
}

function manifestOf(workflows: readonly CompiledWorkflow[]): Manifest {
  return {
    version: 1,
    workflows: workflows.map(({ name, description, inputSchema, definitionHash }) => ({
      name,
      description,
      inputSchema,
      definitionHash,
    })),
  };
}
