import { TaskFailure } from '../../engine/task/task-port.ts';
import { type AwsService, sdkModule } from './aws-service.ts';

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly requestId?: string;
    readonly extendedRequestId?: string;
  };
}

/**
 * An SDK integration's error, as `aws-sdk:*` names it: the SDK for Java's class under the service's
 * prefix, 'S3.NoSuchBucketException'. A code that the service's model does not know is the service's
 * base class, 'DynamoDb.DynamoDbException'; no answer is 'S3.SdkClientException'.
 */
export function sdkFailure(service: AwsService, thrown: unknown): TaskFailure {
  const { errorPrefix } = service;
  const error = thrown as SdkError;
  const { httpStatusCode, requestId, extendedRequestId } = error.$metadata ?? {};
  if (httpStatusCode === undefined) return noAnswer(errorPrefix, error);
  const code = error.name ?? '';
  const modelled = isModelled(service, code);
  const name = modelled ? withSuffix(code) : `${errorPrefix}Exception`;
  const extended =
    extendedRequestId === undefined ? '' : `, Extended Request ID: ${extendedRequestId}`;
  return new TaskFailure(
    `${errorPrefix}.${name}`,
    `${error.message} (Service: ${errorPrefix}, Status Code: ${httpStatusCode}, Request ID: ${requestId ?? 'null'}${extended})`,
  );
}

/** How an optimized integration names its errors: SDK for Java 1. */
export interface OptimizedNames {
  /** 'DynamoDB'. */
  readonly prefix: string;
  /** 'AmazonDynamoDBv2'. */
  readonly service: string;
  /** 'AmazonDynamoDBException': what the model does not know. */
  readonly base: string;
}

/** An optimized integration's error: 'DynamoDB.ConditionalCheckFailedException'. */
export function optimizedFailure(
  service: AwsService,
  names: OptimizedNames,
  thrown: unknown,
): TaskFailure {
  const error = thrown as SdkError;
  const { httpStatusCode, requestId } = error.$metadata ?? {};
  if (httpStatusCode === undefined) return noAnswer(names.prefix, error);
  const code = error.name ?? '';
  const name = isModelled(service, code) ? withSuffix(code) : names.base;
  return new TaskFailure(
    `${names.prefix}.${name}`,
    `${error.message} (Service: ${names.service}; Status Code: ${httpStatusCode}; Error Code: ${code}; Request ID: ${requestId ?? 'null'}; Proxy: null)`,
  );
}

function noAnswer(prefix: string, error: SdkError): TaskFailure {
  return new TaskFailure(
    `${prefix}.SdkClientException`,
    `Unable to execute HTTP request: ${error.code ?? error.message ?? 'no answer'}`,
  );
}

function isModelled(service: AwsService, code: string): boolean {
  return code !== '' && Object.hasOwn(sdkModule(service), code);
}

/** The SDK for Java ends all of its exceptions so. */
function withSuffix(code: string): string {
  return code.endsWith('Exception') ? code : `${code}Exception`;
}
