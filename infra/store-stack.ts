import { CfnOutput, RemovalPolicy, SecretValue, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { CURSOR_TABLE_KEYS } from '../shared/cursors/table-schema.ts';
import type { Configuration } from './configuration.ts';
import { Encryption } from './encryption.ts';
import { Catalog } from './store/catalog.ts';
import { LakeBucket } from './store/lake-bucket.ts';

export interface StoreStackProps extends StackProps {
  configuration: Configuration;
}

/** The resources that are kept when the collector is deleted: the lake, the cursors and the credentials. */
export class StoreStack extends Stack {
  readonly lake: Bucket;
  readonly cursors: Table;
  readonly credentials: Secret;
  readonly catalog: Catalog;

  constructor(scope: Construct, id: string, props: StoreStackProps) {
    const { configuration, ...stackProps } = props;
    const { datasets } = configuration;
    const retained = configuration.stack.removalPolicy === 'retain';
    const removalPolicy = retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    // `cdk destroy` must never delete the data.
    super(scope, id, { ...stackProps, terminationProtection: retained });

    const encryption = new Encryption(this, configuration.stack.kmsKeyArn);

    this.lake = new LakeBucket(this, 'Lake', {
      datasets,
      config: configuration.stack,
      encryption,
      removalPolicy,
    });

    // No TTL: a collector that was off for a long time must still have its cursors.
    this.cursors = new Table(this, 'Cursors', {
      partitionKey: { name: CURSOR_TABLE_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: CURSOR_TABLE_KEYS.sort, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      ...encryption.table,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retained,
      removalPolicy,
    });

    this.credentials = new Secret(this, 'AtlasCredentials', {
      description: 'Service account or API key of MongoDB Atlas; put there by its owner, not by this stack.',
      // An empty object is no secret, so it can be in the template; the functions explain what to store. It must never
      // change: CloudFormation would overwrite the credentials.
      secretStringValue: SecretValue.unsafePlainText('{}'),
      ...encryption.keyed,
      removalPolicy,
    });

    this.catalog = new Catalog(this, 'Catalog', {
      lake: this.lake,
      datasets,
      config: configuration.stack.catalog,
      encryption,
      removalPolicy,
    });

    new CfnOutput(this, 'Database', {
      description: 'The Glue database for Athena queries.',
      value: this.catalog.database.databaseName,
    });
    new CfnOutput(this, 'WorkGroup', {
      description: 'The Athena workgroup.',
      value: this.catalog.workGroup.ref,
    });
    new CfnOutput(this, 'CursorTable', {
      description: 'The DynamoDB table of the cursors.',
      value: this.cursors.tableName,
    });
    new CfnOutput(this, 'LakeBucket', {
      description: 'The S3 bucket of the lake.',
      value: this.lake.bucketName,
    });
  }
}
