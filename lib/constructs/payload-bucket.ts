import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { LiveFunction } from './live-function.ts';

/** As long as AWS keeps the history of a run that has ended. */
const KEPT_DAYS = 90;

/**
 * Where steps put what is too large for a run's data: an object each, under the run's name, named by its
 * content. Encrypted, reached by TLS only, closed to the public; an object goes 90 days after it was
 * written. A stack that is deleted leaves the bucket behind, since what runs have made is in it; it
 * empties itself.
 */
export class PayloadBucket extends Construct {
  private readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [
        {
          expiration: Duration.days(KEPT_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** For the output `PayloadBucket`. */
  get name(): string {
    return this.bucket.bucketName;
  }

  /** For CLOUDGATHER_PAYLOADS. */
  get url(): string {
    return `s3://${this.name}`;
  }

  /** Lets a function put values aside, and fetch them. */
  letUse(step: LiveFunction): void {
    step.allow(['s3:GetObject', 's3:PutObject'], [this.bucket.arnForObjects('*')]);
  }

  letRead(reader: LiveFunction): void {
    reader.allow(['s3:GetObject'], [this.bucket.arnForObjects('*')]);
  }
}
