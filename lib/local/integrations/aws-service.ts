import { createRequire } from 'node:module';
import { TaskFailure } from '../../engine/task/task-port.ts';
import type { JsonObject } from '../../json.ts';
import type { ServiceCall } from './integration.ts';
import { captureHeaders, type SdkClient, type SdkModule } from './sdk-client.ts';

/** One AWS service, as its SDK v3 package serves it. */
export interface AwsService {
  /** 'DynamoDB': of the package's client class, 'DynamoDBClient', and base error class. */
  readonly sdkName: string;
  readonly package: string;
  /** AWS_ENDPOINT_URL_<this>. */
  readonly variable: string;
  /** How the SDK integration's errors are led: 'DynamoDb' in 'DynamoDb.ResourceNotFoundException'. */
  readonly errorPrefix: string;
  /** More settings of the client. */
  readonly settings?: object;
  /** JSON parameters to the SDK's. Default: as they are. */
  toInput?(parameters: JsonObject): object;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const load = createRequire(import.meta.url);

/** The service's package, loaded when a definition first names it. */
export function sdkModule(service: AwsService): SdkModule {
  return load(service.package) as SdkModule;
}

/** 'PutItemCommand' for 'putItem', where the package has it. */
export function commandOf(service: AwsService, api: string): string | undefined {
  const name = `${api[0]?.toUpperCase()}${api.slice(1)}Command`;
  return Object.hasOwn(sdkModule(service), name) ? name : undefined;
}

/** The service's endpoint: its own variable, or the one for all. */
export function endpointOf(service: AwsService, environment: Environment): string | undefined {
  return environment[`AWS_ENDPOINT_URL_${service.variable}`] || environment.AWS_ENDPOINT_URL;
}

/** Why an API of a service cannot be called here; undefined when it can. */
export function refuseApi(
  service: AwsService,
  api: string,
  environment: Environment,
): string | undefined {
  if (endpointOf(service, environment) === undefined) {
    return `No endpoint is configured for it: set AWS_ENDPOINT_URL_${service.variable}, or AWS_ENDPOINT_URL for all services.`;
  }
  if (commandOf(service, api)) return undefined;
  return `${service.sdkName} has no API of the name '${api}'.`;
}

/** A service's answer: the SDK's output without metadata, and what the metadata says. */
export interface AwsAnswer {
  readonly output: Readonly<Record<string, unknown>>;
  readonly statusCode: number;
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Calls a service at its endpoint. @throws what the SDK throws. */
export async function callService(
  service: AwsService,
  call: ServiceCall,
  environment: Environment,
  parameters: JsonObject,
): Promise<AwsAnswer> {
  const module = sdkModule(service);
  const name = commandOf(service, call.resource.api);
  const Command = name === undefined ? undefined : module[name];
  if (!Command) throw new TaskFailure('States.Runtime', `There is no API '${call.resource.api}'.`);
  const client = clientOf(service, call, environment);
  try {
    const headers = captureHeaders(client);
    const input = service.toInput?.(parameters) ?? parameters;
    const answer = await client.send(new Command(input), { abortSignal: call.signal });
    const { $metadata, ...output } = answer as { $metadata?: Metadata };
    return {
      output: await readStreams(output),
      statusCode: $metadata?.httpStatusCode ?? 200,
      requestId: $metadata?.requestId ?? '',
      headers: headers(),
    };
  } finally {
    client.destroy();
  }
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
}

function clientOf(service: AwsService, call: ServiceCall, environment: Environment): SdkClient {
  const Client = sdkModule(service)[`${service.sdkName}Client`] as unknown as new (
    settings: object,
  ) => SdkClient;
  const endpoint = endpointOf(service, environment);
  const region = environment.AWS_REGION ?? call.stateMachineArn.split(':')[3] ?? 'us-east-1';
  return new Client({
    endpoint,
    region,
    // The state's own Retry decides about another attempt.
    maxAttempts: 1,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? 'local',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? 'local',
      ...(environment.AWS_SESSION_TOKEN && { sessionToken: environment.AWS_SESSION_TOKEN }),
    },
    ...service.settings,
  });
}

/** A body that comes as a stream is read as text: S3's GetObject. */
async function readStreams(output: object): Promise<Record<string, unknown>> {
  const entries = Object.entries(output).map(async ([name, value]) => {
    const stream = value as { transformToString?: () => Promise<string> } | undefined;
    const text = typeof stream?.transformToString === 'function';
    return [name, text ? await stream.transformToString?.() : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
