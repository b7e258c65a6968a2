import type { Construct } from 'constructs';
import type { ModelFunctionNeed } from '../asl/compiled.ts';
import { UsageError } from '../errors.ts';
import { providerNamed } from '../model/providers.ts';

/** `-c cloudgather:base-url:azure=https://...`, or the same name under "context" in cdk.json. */
export const baseURLContext = 'cloudgather:base-url:';

/**
 * Up to, not including, `/chat/completions`: the context's, else the need's own; undefined: the provider
 * table's.
 * @throws UsageError for what is no URL, and for a provider of which every account has its own
 */
export function deployedBaseURL(
  scope: Construct,
  need: Pick<ModelFunctionNeed, 'provider' | 'baseURL'>,
): string | undefined {
  const name = baseURLContext + need.provider;
  const inContext: unknown = scope.node.tryGetContext(name);
  if (inContext !== undefined && !(typeof inContext === 'string' && URL.canParse(inContext))) {
    throw new UsageError(
      `The CDK context "${name}" must be a URL up to, not including, /chat/completions; ` +
        `it is ${JSON.stringify(inContext)}.`,
    );
  }
  const baseURL = inContext ?? need.baseURL;
  if (baseURL === undefined && providerNamed(need.provider).baseURL === null) {
    throw new UsageError(
      `Every account of provider "${need.provider}" has a URL of its own, and none is set. Set the CDK context ` +
        `"${name}", in cdk.json or by: cdk deploy -c ${name}=https://...`,
    );
  }
  return baseURL;
}
