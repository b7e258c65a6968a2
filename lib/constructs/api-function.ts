import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSystem } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FunctionNeed } from '../asl/compiled.ts';
import { LimitExceeded } from '../errors.ts';
import type { Manifest } from '../run/manifest.ts';
import { answeredMachines } from './answered-machines.ts';
import type { GatherWorkflow } from './gather-workflow.ts';
import { LiveFunction } from './live-function.ts';
import type { PayloadBucket } from './payload-bucket.ts';
import { stateMachineArns } from './state-machine-arns.ts';
import type { TokenTable } from './token-table.ts';

/** An HTTP API waits 30 seconds for its integration; one second less lets the function answer. */
const TIMEOUT_SECONDS = 29;

/** Lambda: an environment holds at most 4 KB, names, values and what AWS adds included. */
const ENVIRONMENT_LIMIT = 4096;
/** DynamoDB: a table's name has at most 255 characters. */
const TABLE_NAME_LIMIT = 255;
/** The longest `arn:aws-us-gov:states:ap-southeast-1:<account>:stateMachine:`, with JSON's marks around. */
const ARN_OVERHEAD = 75;

/** The longest name of a bucket has 63 characters. */
const PAYLOADS_LENGTH = 'CLOUDGATHER_PAYLOADS=s3://'.length + 63;

export interface ApiFunctionProps {
  /** The folder of the API's bundle. */
  readonly bundle: string;
  readonly machines: readonly GatherWorkflow[];
  /** The same workflows as the API tells of them. */
  readonly manifest: Manifest;
  /** Default: no run of these machines tells tokens. */
  readonly tokens?: TokenTable | undefined;
  /** Where large outputs of runs are. Default: there are none. */
  readonly payloads?: PayloadBucket | undefined;
}

/**
 * `lib/api` as a Lambda function. It learns what it serves from two places, because an environment
 * holds 4 KB and a file in an asset cannot hold what a deployment decides:
 *
 * - `manifest.json` beside the bundle: names, descriptions, input schemas, document hashes;
 * - `CLOUDGATHER_STATE_MACHINES`: JSON text, workflow name to state machine ARN; and
 *   `CLOUDGATHER_TOKEN_TABLE`.
 *
 * Its role may start and list runs of exactly these machines, read and stop their runs, and read the
 * tokens of those that are watched and what all of them put aside; where one of them asks people, it
 * may tell the answer.
 *
 * @throws LimitExceeded for more workflows than an environment has room for: about thirty.
 */
export class ApiFunction extends LiveFunction {
  constructor(scope: Construct, id: string, props: ApiFunctionProps) {
    const { bundle, machines, manifest, tokens, payloads } = props;
    checkEnvironment(machines);
    const folder = FileSystem.mkdtemp('cloudgather-api-');
    copyFileSync(join(bundle, 'index.mjs'), join(folder, 'index.mjs'));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    super(scope, id, {
      description: 'HTTP API: starts, shows and stops runs of workflows',
      bundle: folder,
      handler: 'index.handler',
      timeoutSeconds: TIMEOUT_SECONDS,
      environment: {
        CLOUDGATHER_STATE_MACHINES: stateMachineArns(machines),
        ...(tokens ? { CLOUDGATHER_TOKEN_TABLE: tokens.name } : {}),
        ...(payloads === undefined ? {} : { CLOUDGATHER_PAYLOADS: payloads.url }),
      },
    });
    payloads?.letRead(this);
    tokens?.letRead(this);
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
    const asking = machines.filter(({ workflow }) => workflow.functions.some(isApproval));
    if (asking.length > 0) this.allow(['states:SendTaskSuccess'], answeredMachines(asking));
  }
}

function isApproval({ kind }: FunctionNeed): boolean {
  return kind === 'approval';
}

/** The ARNs are tokens until the deployment, so their text is measured by the names in it. */
function checkEnvironment(machines: readonly GatherWorkflow[]): void {
  const size = machines.reduce(
    (sum, { workflow, machineName }) =>
      sum + ARN_OVERHEAD + workflow.name.length + machineName.length,
    'CLOUDGATHER_STATE_MACHINES{}CLOUDGATHER_TOKEN_TABLE'.length +
      TABLE_NAME_LIMIT +
      PAYLOADS_LENGTH,
  );
  if (size > ENVIRONMENT_LIMIT) {
    throw new LimitExceeded(
      `The API function would need ${size} bytes of environment for the ARNs of ${machines.length} ` +
        `workflows; Lambda allows ${ENVIRONMENT_LIMIT}. Deploy a stack for each workflow: ` +
        "set the CDK context 'cloudgather:stacks' to 'each'.",
    );
  }
}
