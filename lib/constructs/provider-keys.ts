import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { ModelFunctionNeed } from '../asl/compiled.ts';
import { UsageError } from '../errors.ts';
import { providerNamed } from '../model/providers.ts';

/** `-c cloudgather:key:openai=<ARN>`, or the same name under "context" in cdk.json. */
const CONTEXT_PREFIX = 'cloudgather:key:';

const COMPLETE_ARN = /^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/;

/**
 * The secrets that hold the providers' API keys, one a provider.
 *
 * By default the stack makes an empty secret, `<stack, lower case>/<provider>` ('cloudgather/openai'),
 * so that a newcomer deploys in one go and puts the key in afterwards; no key ever stands in a
 * template, a parameter or an environment. Such a secret goes with the stack.
 *
 * A secret that exists already is named by its complete ARN in the CDK context
 * (`cloudgather:key:<provider>`); the stack then only reads it.
 *
 * @throws UsageError when the context holds something else than a complete secret ARN.
 */
export class ProviderKeys extends Construct {
  private readonly arns = new Map<string, string>();

  /**
   * The ARN of the secret with the key of this need's provider; the secret is made on the first call.
   * undefined: the provider does without a key, and the context names none.
   */
  arn(need: Pick<ModelFunctionNeed, 'provider' | 'baseURL'>): string | undefined {
    const { provider, baseURL } = need;
    const known = this.arns.get(provider);
    if (known !== undefined) return known;
    const { needsKey } = providerNamed(provider, baseURL);
    const arn =
      this.arnInContext(provider) ?? (needsKey ? this.emptySecret(provider).ref : undefined);
    if (arn !== undefined) this.arns.set(provider, arn);
    return arn;
  }

  /**
   * The ARN of the secret with which that provider signs its webhooks: of the same kind as those of the
   * keys, with the name `<provider>-webhook`.
   */
  webhookArn(provider: string): string {
    const name = `${provider}-webhook`;
    const known = this.arns.get(name);
    if (known !== undefined) return known;
    const arn =
      this.arnInContext(name) ??
      this.emptySecret(name, `What ${provider} signs its webhooks with, as plain text`).ref;
    this.arns.set(name, arn);
    return arn;
  }

  /**
   * The ARN of a secret that holds that provider's key already: CloudFormation reads it while it deploys.
   * @throws UsageError where the context names none
   */
  filledArn(provider: string): string {
    const arn = this.arnInContext(provider);
    if (arn !== undefined) return arn;
    const name = CONTEXT_PREFIX + provider;
    throw new UsageError(
      `A workflow has a model of "${provider}" in the lane 'http', whose key goes into an EventBridge connection while the stack is deployed: ` +
        `a secret that the stack makes empty would be too late. Put the key into a secret as plain text, and its complete ARN into the CDK context "${name}", in cdk.json or by: cdk deploy -c ${name}=arn:aws:secretsmanager:...`,
    );
  }

  private arnInContext(provider: string): string | undefined {
    const name = CONTEXT_PREFIX + provider;
    const value: unknown = this.node.tryGetContext(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && COMPLETE_ARN.test(value)) return value;
    // Whoever pastes the key itself here must not meet it again in a build log.
    const shown = String(value).startsWith('arn:') ? ` "${value}"` : '';
    throw new UsageError(
      `The CDK context "${name}" must be the complete ARN of a secret ` +
        `(arn:aws:secretsmanager:<region>:<account>:secret:<name>-<six characters>); what it holds${shown} is not. ` +
        'Take it from: aws secretsmanager describe-secret --secret-id <name> --query ARN --output text',
    );
  }

  /**
   * The L2 `Secret` always generates a random value, which would be sent to the provider as if it
   * were a key. A `CfnSecret` without a value stays empty: reading it before a key is put in fails
   * with ResourceNotFoundException.
   */
  private emptySecret(provider: string, what = `API key of ${provider}, as plain text`): CfnSecret {
    const secret = new CfnSecret(this, provider, {
      name: `${Stack.of(this).stackName.toLowerCase()}/${provider}`,
      description: `${what}; put in after the deployment`,
    });
    secret.applyRemovalPolicy(RemovalPolicy.DESTROY);
    return secret;
  }
}
