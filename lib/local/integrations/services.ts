import type { Json, JsonObject } from '../../json.ts';
import type { AwsService } from './aws-service.ts';

/** The services of the AWS SDK integration, by the name that stands after 'aws-sdk:'. */
export const awsServices: Readonly<Record<string, AwsService>> = {
  dynamodb: {
    sdkName: 'DynamoDB',
    package: '@aws-sdk/client-dynamodb',
    variable: 'DYNAMODB',
    errorPrefix: 'DynamoDb',
    toInput: (parameters) => withBytes(parameters, 'B', 'BS'),
  },
  s3: {
    sdkName: 'S3',
    package: '@aws-sdk/client-s3',
    variable: 'S3',
    errorPrefix: 'S3',
    settings: {
      forcePathStyle: true,
      // Stand-ins of S3 do not know the checksums that the SDK would add by itself.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    },
    toInput: (parameters) => withDates(withTextBody(parameters), S3_DATES),
  },
  sqs: {
    sdkName: 'SQS',
    package: '@aws-sdk/client-sqs',
    variable: 'SQS',
    errorPrefix: 'Sqs',
    // A queue's URL names a host of AWS: the endpoint is asked instead.
    settings: { useQueueUrlAsEndpoint: false },
  },
  sns: {
    sdkName: 'SNS',
    package: '@aws-sdk/client-sns',
    variable: 'SNS',
    errorPrefix: 'Sns',
  },
  eventbridge: {
    sdkName: 'EventBridge',
    package: '@aws-sdk/client-eventbridge',
    variable: 'EVENTBRIDGE',
    errorPrefix: 'EventBridge',
    toInput: (parameters) => withDates(parameters, EVENT_DATES),
  },
  secretsmanager: {
    sdkName: 'SecretsManager',
    package: '@aws-sdk/client-secrets-manager',
    variable: 'SECRETS_MANAGER',
    errorPrefix: 'SecretsManager',
    toInput: (parameters) => withBytes(parameters, 'SecretBinary'),
  },
};

const S3_DATES = [
  'Expires',
  'IfModifiedSince',
  'IfUnmodifiedSince',
  'CopySourceIfModifiedSince',
  'CopySourceIfUnmodifiedSince',
  'ObjectLockRetainUntilDate',
];
const EVENT_DATES = ['Time', 'EventStartTime', 'EventEndTime'];

/** S3's Body is text: other JSON is written as its text. */
function withTextBody(parameters: JsonObject): JsonObject {
  const { Body } = parameters;
  return Body === undefined || typeof Body === 'string'
    ? parameters
    : { ...parameters, Body: JSON.stringify(Body) };
}

/** Members of these names, at any depth, are base64 in JSON and bytes for the SDK. */
function withBytes(value: Json, ...names: readonly string[]): object {
  return changed(value, names, bytes) as object;
}

function bytes(value: Json): unknown {
  if (Array.isArray(value)) return value.map(bytes);
  return typeof value === 'string' ? Buffer.from(value, 'base64') : value;
}

/** Members of these names are times in JSON and dates for the SDK. */
function withDates(value: Json, names: readonly string[]): object {
  return changed(value, names, (time) =>
    typeof time === 'string'
      ? new Date(time)
      : typeof time === 'number'
        ? new Date(time * 1000)
        : time,
  ) as object;
}

function changed(value: Json, names: readonly string[], change: (value: Json) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each: Json) => changed(each, names, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([name, each]) => [
      name,
      names.includes(name) ? change(each) : changed(each, names, change),
    ]),
  );
}
