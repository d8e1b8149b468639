import { CfnOutput, Duration, RemovalPolicy, SecretValue, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { CURSOR_TABLE_KEYS } from '../shared/cursors/table-schema.ts';

/** What is kept when the collector goes: the lake, the cursors, the credentials. */
export class StoreStack extends Stack {
  readonly lake: Bucket;
  readonly cursors: Table;
  readonly credentials: Secret;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);

    this.lake = new Bucket(this, 'Lake', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: [
        {
          id: 'OldVersions',
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });

    // No TTL: a collector that was switched off for long must not forget where it stood.
    this.cursors = new Table(this, 'Cursors', {
      partitionKey: { name: CURSOR_TABLE_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: CURSOR_TABLE_KEYS.sort, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });

    this.credentials = new Secret(this, 'AtlasCredentials', {
      description: 'Service account or API key of MongoDB Atlas; put there by its owner, not by this stack.',
      // An empty object and no secret, so it may stand in the template; the functions say what belongs there. It must
      // never change: CloudFormation would write the new value over the credentials.
      secretStringValue: SecretValue.unsafePlainText('{}'),
      removalPolicy: RemovalPolicy.RETAIN,
    });

    new CfnOutput(this, 'LakeBucket', { description: 'The lake.', value: this.lake.bucketName });
  }
}
