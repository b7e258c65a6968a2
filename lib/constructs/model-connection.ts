import { SecretValue, Stack } from 'aws-cdk-lib';
import { Authorization, Connection } from 'aws-cdk-lib/aws-events';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ConnectionNeed } from '../asl/compiled.ts';
import { LimitExceeded, UsageError } from '../errors.ts';
import { providerNamed } from '../model/providers.ts';
import { deployedBaseURL } from './base-url.ts';
import { statesArn } from './machine-name.ts';
import type { ProviderKeys } from './provider-keys.ts';

/** EventBridge: a connection's name has at most 64 characters. */
const NAME_LIMIT = 64;

/**
 * By which Step Functions itself calls one provider: an EventBridge connection that adds the key to each
 * request. CloudFormation reads the key from the provider's secret when the connection is made, into a
 * secret that EventBridge owns; no template, document or history holds it. A key that is changed later is
 * put in by `aws events update-connection`.
 *
 * The name ends in 'model-<provider>', by which a run's history tells whose reply it holds.
 *
 * @throws UsageError where no filled secret is named, or the provider is not reached by https
 */
export class ModelConnection extends Construct {
  private readonly connection: Connection;
  /** The URL of the provider's chat completions. */
  readonly endpoint: string;

  constructor(scope: Construct, id: string, provider: string, keys: ProviderKeys) {
    super(scope, id);
    const key = SecretValue.secretsManager(keys.filledArn(provider)).unsafeUnwrap();
    this.endpoint = endpointOf(this, provider);
    this.connection = new Connection(this, 'Connection', {
      connectionName: connectionName(this, provider),
      description: `Step Functions calls models of ${provider}`,
      authorization: Authorization.apiKey(
        'Authorization',
        SecretValue.unsafePlainText(`Bearer ${key}`),
      ),
    });
  }

  /**
   * Lets the role of a state machine send to that one URL, with that key (AWS docs: "Call HTTPS APIs in
   * Step Functions workflows", IAM permissions).
   * @returns what stands for the placeholders in the document
   */
  letCall(role: IRole, machine: string, need: ConnectionNeed): Readonly<Record<string, string>> {
    const { connectionArn, connectionSecretArn } = this.connection;
    const statements = [
      new PolicyStatement({
        actions: ['states:InvokeHTTPEndpoint'],
        resources: [statesArn(role, 'stateMachine', machine)],
        conditions: {
          StringEquals: { 'states:HTTPMethod': 'POST', 'states:HTTPEndpoint': this.endpoint },
        },
      }),
      new PolicyStatement({
        actions: ['events:RetrieveConnectionCredentials'],
        resources: [connectionArn],
      }),
      new PolicyStatement({
        actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        resources: [connectionSecretArn],
      }),
    ];
    for (const statement of statements) role.addToPrincipalPolicy(statement);
    return { [need.placeholder]: connectionArn, [need.endpoint]: this.endpoint };
  }
}

function endpointOf(scope: Construct, provider: string): string {
  const baseURL = deployedBaseURL(scope, { provider }) ?? providerNamed(provider).baseURL ?? '';
  if (baseURL.startsWith('https://')) return `${baseURL.replace(/\/+$/, '')}/chat/completions`;
  throw new UsageError(
    `A workflow has a model of "${provider}" in the lane 'http', and Step Functions calls https only: its base URL is ${baseURL}.`,
  );
}

function connectionName(scope: Construct, provider: string): string {
  const name = `${Stack.of(scope).stackName}-model-${provider}`;
  if (name.length <= NAME_LIMIT) return name;
  throw new LimitExceeded(
    `The EventBridge connection of "${provider}" would be named "${name}", which has ${name.length} characters. ` +
      `EventBridge allows ${NAME_LIMIT}: shorten the name of the stack.`,
  );
}
