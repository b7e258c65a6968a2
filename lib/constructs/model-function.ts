import { Annotations, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ModelFunctionNeed } from '../asl/compiled.ts';
import { dayBudgetEnvironment } from '../model/budget/budgets-in-force.ts';
import { providerNamed } from '../model/providers.ts';
import { baseURLContext, deployedBaseURL } from './base-url.ts';
import { dayBudgetInContext } from './day-budget.ts';
import type { LimiterTable } from './limiter-table.ts';
import { LiveFunction } from './live-function.ts';
import type { PayloadBucket } from './payload-bucket.ts';
import type { ProviderKeys } from './provider-keys.ts';

/** What says which provider a function serves, and for how long. */
export type ProviderNeed = Pick<
  ModelFunctionNeed,
  'provider' | 'baseURL' | 'timeoutSeconds' | 'models'
>;

export interface ModelFunctionProps {
  readonly need: ProviderNeed;
  /** The folder of the handler's bundle. */
  readonly bundle: string;
  /** Default: that it calls the provider's models. */
  readonly description?: string;
  /** Settings beside the provider's own. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly keys: ProviderKeys;
  /** Default: nothing limits the calls but the provider. */
  readonly limiter?: LimiterTable | undefined;
  /** Default: nothing is put aside. */
  readonly payloads?: PayloadBucket | undefined;
}

/**
 * A function that calls one provider, such as the model handler: its role reads exactly one key, and one
 * provider's storm starves no other. The environment names the secret and never holds it.
 *
 * The base URL is the CDK context's `cloudgather:base-url:<provider>`, else the workflow's own, else
 * the provider table's. One on loopback gets a warning, for a Lambda function has nothing there.
 *
 * @throws UsageError for a provider of which every account has its own URL, and none is set.
 */
export class ModelFunction extends LiveFunction {
  constructor(scope: Construct, id: string, props: ModelFunctionProps) {
    const { need, bundle, keys, limiter, payloads } = props;
    const baseURL = deployedBaseURL(scope, need);
    const keyArn = keys.arn(need);
    super(scope, id, {
      description: props.description ?? `Calls models of ${need.provider}`,
      bundle,
      handler: 'index.handler',
      timeoutSeconds: need.timeoutSeconds,
      environment: {
        CLOUDGATHER_PROVIDER: need.provider,
        ...(baseURL === undefined ? {} : { CLOUDGATHER_BASE_URL: baseURL }),
        ...(keyArn === undefined ? {} : { CLOUDGATHER_KEY_SECRET_ARN: keyArn }),
        ...(limiter === undefined ? {} : { CLOUDGATHER_LIMITER_TABLE: limiter.name }),
        ...dayBudgetEnvironment(dayBudgetInContext(scope)),
        ...props.environment,
        ...(payloads === undefined ? {} : { CLOUDGATHER_PAYLOADS: payloads.url }),
      },
    });
    if (keyArn !== undefined) this.allow(['secretsmanager:GetSecretValue'], [keyArn]);
    if (keyArn === undefined && providerNamed(need.provider, need.baseURL).auth === 'aws') {
      // A call of a watched run is streamed.
      const actions = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
      this.allow(actions, bedrockModels(this, need.models ?? []));
    }
    limiter?.letChange(this);
    payloads?.letUse(this);
    warnOfLoopback(this, need, baseURL);
  }
}

/**
 * The models of Bedrock that the workflows name, in the stack's own region. An inference profile across
 * regions ('us.anthropic.claude-...') needs itself and its model wherever it may be served (AWS docs:
 * "Prerequisites for inference profiles").
 */
function bedrockModels(scope: Construct, models: readonly string[]): string[] {
  const { partition, region, account } = Stack.of(scope);
  const bedrock = `arn:${partition}:bedrock`;
  return models.flatMap((model) => {
    if (model.startsWith('arn:')) return [model];
    const [, served] = /^(?:us|us-gov|eu|apac|jp|au|ca|global)\.(.+)$/.exec(model) ?? [];
    return served === undefined
      ? [`${bedrock}:${region}::foundation-model/${model}`]
      : [
          `${bedrock}:${region}:${account}:inference-profile/${model}`,
          `${bedrock}:*::foundation-model/${served}`,
        ];
  });
}

function warnOfLoopback(scope: Construct, need: ProviderNeed, baseURL: string | undefined): void {
  const effective = baseURL ?? providerNamed(need.provider).baseURL;
  if (effective === null || !LOOPBACK.test(new URL(effective).hostname)) return;
  Annotations.of(scope).addWarningV2(
    `cloudgather:loopback:${need.provider}`,
    `The models of "${need.provider}" are at ${effective}, where a deployed function finds nothing: every call ` +
      `will fail with Model.Unavailable. Set the CDK context "${baseURLContext}${need.provider}".`,
  );
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
