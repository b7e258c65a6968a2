import type { Json } from '../../json.ts';
import { Unresolved } from './unresolved.ts';

/** A resource, with the name that it has or would be given. */
export interface NamedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly name: string;
  readonly region: string;
  readonly account: string;
}

/** What a type's Ref and attributes are (AWS CloudFormation template reference, "Return values"). */
interface Kind {
  /** The property that holds the physical name, where the app chose one. */
  readonly nameProperty?: string;
  readonly arn?: (resource: NamedResource) => string;
  /** What Ref gives. Default: 'name'. */
  readonly ref?: 'name' | 'arn' | ((resource: NamedResource) => string);
  /** Beside 'Arn', where the kind has an ARN. */
  readonly attributes?: Readonly<Record<string, 'name' | 'arn' | ((r: NamedResource) => string)>>;
}

const arn =
  (service: string, prefix = '', separator = '/') =>
  ({ region, account, name }: NamedResource): string =>
    `arn:aws:${service}:${region}:${account}:${prefix === '' ? '' : `${prefix}${separator}`}${name}`;

const queueUrl = ({ region, account, name }: NamedResource): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${name}`;

const kinds: Readonly<Record<string, Kind>> = {
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', arn: arn('lambda', 'function', ':') },
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    arn: arn('states', 'stateMachine', ':'),
    ref: 'arn',
    attributes: { Name: 'name' },
  },
  'AWS::StepFunctions::Activity': {
    nameProperty: 'Name',
    arn: arn('states', 'activity', ':'),
    ref: 'arn',
    attributes: { Name: 'name' },
  },
  'AWS::DynamoDB::Table': { nameProperty: 'TableName', arn: arn('dynamodb', 'table') },
  'AWS::DynamoDB::GlobalTable': { nameProperty: 'TableName', arn: arn('dynamodb', 'table') },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    arn: ({ name }) => `arn:aws:s3:::${name}`,
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    arn: arn('sqs'),
    ref: queueUrl,
    attributes: { QueueName: 'name', QueueUrl: queueUrl },
  },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    arn: arn('sns'),
    ref: 'arn',
    attributes: { TopicArn: 'arn', TopicName: 'name' },
  },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    arn: ({ account, name }) => `arn:aws:iam::${account}:role/${name}`,
  },
  'AWS::Events::EventBus': {
    nameProperty: 'Name',
    arn: arn('events', 'event-bus'),
    attributes: { Name: 'name' },
  },
  'AWS::Events::Connection': { nameProperty: 'Name', arn: arn('events', 'connection') },
  'AWS::SecretsManager::Secret': {
    nameProperty: 'Name',
    arn: arn('secretsmanager', 'secret', ':'),
    ref: 'arn',
    attributes: { Id: 'arn' },
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    arn: (resource) => `${arn('logs', 'log-group', ':')(resource)}:*`,
  },
  'AWS::KMS::Key': { arn: arn('kms', 'key'), attributes: { KeyId: 'name' } },
  'AWS::Kinesis::Stream': { nameProperty: 'Name', arn: arn('kinesis', 'stream') },
  'AWS::SSM::Parameter': { nameProperty: 'Name' },
};

/** The property in which an app may have chosen the name of such a resource. */
export function nameProperty(type: string): string | undefined {
  return kinds[type]?.nameProperty;
}

/** What `Ref` gives for a resource. Of a type that is not known here it is the name, as for most. */
export function refOf(resource: NamedResource): Json {
  return told(resource, kinds[resource.type]?.ref ?? 'name');
}

/** What `Fn::GetAtt` gives for a resource. @throws Unresolved for what only a deployment knows */
export function attributeOf(resource: NamedResource, attribute: string): Json {
  const kind = kinds[resource.type];
  if (attribute === 'Arn' && kind?.arn) return kind.arn(resource);
  const known = kind?.attributes?.[attribute];
  if (known !== undefined) return told(resource, known);
  throw new Unresolved(
    `The attribute ${attribute} of ${resource.logicalId} (${resource.type}) is known only after a deployment.`,
  );
}

function told(
  resource: NamedResource,
  what: 'name' | 'arn' | ((resource: NamedResource) => string),
): string {
  if (typeof what === 'function') return what(resource);
  return what === 'name' ? resource.name : (kinds[resource.type]?.arn?.(resource) ?? resource.name);
}
