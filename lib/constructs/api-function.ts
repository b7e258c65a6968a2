import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSystem } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LimitExceeded } from '../errors.ts';
import type { Manifest } from '../run/manifest.ts';
import type { GatherWorkflow } from './gather-workflow.ts';
import { LiveFunction } from './live-function.ts';
import { stateMachineArns } from './state-machine-arns.ts';

/** An HTTP API waits 30 seconds for its integration; one second less lets the function answer. */
const TIMEOUT_SECONDS = 29;

/** Lambda: an environment holds at most 4 KB, names, values and what AWS adds included. */
const ENVIRONMENT_LIMIT = 4096;
/** The longest `arn:aws-us-gov:states:ap-southeast-1:<account>:stateMachine:`, with JSON's marks around. */
const ARN_OVERHEAD = 75;

export interface ApiFunctionProps {
  /** The folder of the API's bundle. */
  readonly bundle: string;
  readonly machines: readonly GatherWorkflow[];
  /** The same workflows as the API tells of them. */
  readonly manifest: Manifest;
}

/**
 * `lib/api` as a Lambda function. It learns what it serves from two places, because an environment
 * holds 4 KB and a file in an asset cannot hold what a deployment decides:
 *
 * - `manifest.json` beside the bundle: names, descriptions, input schemas, document hashes;
 * - `CLOUDGATHER_STATE_MACHINES`: JSON text, workflow name to state machine ARN.
 *
 * Its role may start and list runs of exactly these machines, and read and stop their runs.
 *
 * @throws LimitExceeded for more workflows than an environment has room for: about thirty.
 */
export class ApiFunction extends LiveFunction {
  constructor(scope: Construct, id: string, { bundle, machines, manifest }: ApiFunctionProps) {
    checkEnvironment(machines);
    const folder = FileSystem.mkdtemp('cloudgather-api-');
    copyFileSync(join(bundle, 'index.mjs'), join(folder, 'index.mjs'));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    super(scope, id, {
      description: 'HTTP API: starts, shows and stops runs of workflows',
      bundle: folder,
      handler: 'index.handler',
      timeoutSeconds: TIMEOUT_SECONDS,
      environment: { CLOUDGATHER_STATE_MACHINES: stateMachineArns(machines) },
    });
    // CDK has copied the folder into the cloud assembly by now.
    rmSync(folder, { recursive: true });
    this.allow(
      ['states:StartExecution', 'states:ListExecutions'],
      machines.map(({ machine }) => machine.stateMachineArn),
    );
    this.allow(
      [
        'states:DescribeExecution',
        'states:GetExecutionHistory',
        'states:RedriveExecution',
        'states:StopExecution',
      ],
      machines.map((machine) => machine.everyRunArn),
    );
  }
}

/** The ARNs are tokens until the deployment, so their text is measured by the names in it. */
function checkEnvironment(machines: readonly GatherWorkflow[]): void {
  const size = machines.reduce(
    (sum, { workflow, machineName }) =>
      sum + ARN_OVERHEAD + workflow.name.length + machineName.length,
    'CLOUDGATHER_STATE_MACHINES{}'.length,
  );
  if (size > ENVIRONMENT_LIMIT) {
    throw new LimitExceeded(
      `The API function would need ${size} bytes of environment for the ARNs of ${machines.length} ` +
        `workflows; Lambda allows ${ENVIRONMENT_LIMIT}. Deploy a stack for each workflow: ` +
        "set the CDK context 'cloudgather:stacks' to 'each'.",
    );
  }
}
