import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { BucketNeed } from '../asl/compiled.ts';

/**
 * AWS docs: "IAM policies for using Distributed Map states", Amazon S3: a dataset is read, or listed,
 * and results are uploaded in parts and read again to be merged.
 */
const actions = {
  read: ['s3:GetObject'],
  write: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
} as const;

/**
 * Lets a role do in a bucket what a document's Distributed Map does there, on the keys that it names.
 * The bucket itself is not made here, nor is its KMS key granted: both are the user's own.
 */
export function allowBucket(
  role: IRole,
  { bucket, access, prefix, exact, version }: BucketNeed,
): void {
  const arn = Stack.of(role).formatArn({
    service: 's3',
    region: '',
    account: '',
    resource: bucket,
  });
  const keys = `${literal(prefix)}${exact ? '' : '*'}`;
  role.addToPrincipalPolicy(
    access === 'list'
      ? new PolicyStatement({
          actions: ['s3:ListBucket'],
          resources: [arn],
          ...(prefix === '' ? {} : { conditions: { StringLike: { 's3:prefix': keys } } }),
        })
      : new PolicyStatement({
          actions: [...actions[access], ...(version ? ['s3:GetObjectVersion'] : [])],
          resources: [`${arn}/${keys}`],
        }),
  );
}

/** AWS docs: "IAM policy elements: variables", `${*}`: what would be a wildcard stands for itself. */
function literal(key: string): string {
  return key.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
}
