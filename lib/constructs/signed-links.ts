import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { LiveFunction } from './live-function.ts';

export interface SignedLinksProps {
  /** The folder of the authorizer's bundle. */
  readonly bundle: string;
}

/**
 * Links that carry their own right: people and services without AWS credentials come in by them. A
 * secret that Secrets Manager generates signs them; a function of its own, which can do nothing else
 * than read that secret, checks each request before anything else sees it.
 *
 * What it found is not kept: another path with the same signature is another question.
 */
export class SignedLinks extends Construct {
  readonly authorizer: HttpLambdaAuthorizer;
  private readonly secretArn: string;

  constructor(scope: Construct, id: string, { bundle }: SignedLinksProps) {
    super(scope, id);
    const secret = new CfnSecret(this, 'Secret', {
      name: `${Stack.of(this).stackName.toLowerCase()}/links`,
      description: 'Signs the links of approvals and webhooks',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });
    secret.applyRemovalPolicy(RemovalPolicy.DESTROY);
    this.secretArn = secret.ref;
    const check = new LiveFunction(this, 'Authorizer', {
      description: 'Checks the signatures of links',
      bundle,
      handler: 'index.handler',
      timeoutSeconds: 10,
      environment: this.environment,
    });
    this.letSign(check);
    this.authorizer = new HttpLambdaAuthorizer('SignedLinks', check.alias, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: ['$request.querystring.signature'],
      resultsCacheTtl: Duration.seconds(0),
    });
  }

  /** For a function that signs or checks links. */
  get environment(): Readonly<Record<string, string>> {
    return { CLOUDGATHER_LINK_SECRET_ARN: this.secretArn };
  }

  /** Lets a function read what signs. */
  letSign(signer: LiveFunction): void {
    signer.allow(['secretsmanager:GetSecretValue'], [this.secretArn]);
  }
}
