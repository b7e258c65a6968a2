import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface LiveFunctionProps {
  readonly description: string;
  /** The folder to deploy: a bundle's `index.mjs`, and what stands beside it. */
  readonly bundle: string;
  /** File and export that Lambda calls: 'index.handler'. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  /** Plain settings; never a secret, for anyone who may describe the function reads them. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A Lambda function as every room of the app wants it, callable by its alias `live` only: a role
 * that names one exact ARN then covers it, and a deployment switches versions in one moment.
 *
 * Node 24 on arm64, 256 MB (the work is waiting, so memory is only cost), X-Ray active, JSON logs in
 * a log group of its own that is kept a month and goes with the stack, and a role of its own that
 * may write to that log group and nothing else until a caller adds a statement to `role`.
 */
export class LiveFunction extends Construct {
  readonly alias: Alias;
  readonly role: IRole;

  constructor(scope: Construct, id: string, props: LiveFunctionProps) {
    super(scope, id);

    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    logGroup.grantWrite(role);

    const lambda = new LambdaFunction(this, 'Function', {
      description: props.description,
      // The source map stays here: it is larger than the bundle, and a cold start pays for size.
      code: Code.fromAsset(props.bundle, { exclude: ['*.map'] }),
      handler: props.handler,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 256,
      timeout: Duration.seconds(props.timeoutSeconds),
      environment: { ...props.environment },
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      role,
    });

    this.alias = new Alias(this, 'Live', { aliasName: 'live', version: lambda.currentVersion });
    this.role = role;
  }

  /** Lets the function do `actions` on exactly these ARNs. */
  allow(actions: readonly string[], resources: readonly string[]): void {
    this.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: [...actions], resources: [...resources] }),
    );
  }
}
