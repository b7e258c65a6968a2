import { SFNClient, type SFNClientConfig } from '@aws-sdk/client-sfn';
import { onTestFinished } from 'vitest';
import { nestedExecutions } from '../../../lib/local/endpoint/nested-executions.ts';
import { sdkIntegration } from '../../../lib/local/endpoint/sdk-integration.ts';
import {
  type ServedEndpoint,
  type ServeEndpointOptions,
  serveEndpoint,
} from '../../../lib/local/endpoint/serve-endpoint.ts';
import {
  createIntegrations,
  type IntegrationOptions,
} from '../../../lib/local/integrations/integrations.ts';

/** Only endpoint, region and dummy keys: what any user of the SDK sets. */
export function sfnClient(url: string, more: SFNClientConfig = {}): SFNClient {
  const client = new SFNClient({
    endpoint: url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'dummy', secretAccessKey: 'dummy' },
    ...more,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** Serves an endpoint for one test. */
export async function served(
  integrations: IntegrationOptions = {},
  options: Partial<ServeEndpointOptions> = {},
): Promise<ServedEndpoint & { readonly client: SFNClient }> {
  const server = await serveEndpoint({
    port: 0,
    tasks: (service) =>
      createIntegrations({
        environment: {},
        executions: nestedExecutions(() => service),
        stepFunctions: sdkIntegration(() => service),
        ...integrations,
      }),
    ...options,
  });
  onTestFinished(() => server.close());
  return { ...server, client: sfnClient(server.url) };
}

export const roleArn = 'arn:aws:iam::123456789012:role/machine';
export const place = 'arn:aws:states:eu-central-1:123456789012';

/** A machine of these states that starts at the first. */
export function machine(states: object, more: object = {}): string {
  return JSON.stringify({ StartAt: Object.keys(states)[0], States: states, ...more });
}

export const passing = machine({ Greet: { Type: 'Pass', Result: { hello: 'world' }, End: true } });
export const waiting = machine({ Hold: { Type: 'Wait', Seconds: 3600, End: true } });
export const failing = machine({ Stop: { Type: 'Fail', Error: 'Oh.No', Cause: 'on purpose' } });
