import { CfnOutput, RemovalPolicy, SecretValue, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { CURSOR_TABLE_KEYS } from '../shared/cursors/table-schema.ts';
import type { Configuration } from './configuration.ts';
import { Catalog } from './store/catalog.ts';
import { LakeBucket } from './store/lake-bucket.ts';

export interface StoreStackProps extends StackProps {
  configuration: Configuration;
}

/** What is kept when the collector goes: the lake, the cursors, the credentials. */
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
    // `cdk destroy` must not reach the data, by mistake or otherwise.
    super(scope, id, { ...stackProps, terminationProtection: retained });

    this.lake = new LakeBucket(this, 'Lake', { datasets, config: configuration.stack, removalPolicy });

    // No TTL: a collector that was switched off for long must not forget where it stood.
    this.cursors = new Table(this, 'Cursors', {
      partitionKey: { name: CURSOR_TABLE_KEYS.partition, type: AttributeType.STRING },
      sortKey: { name: CURSOR_TABLE_KEYS.sort, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retained,
      removalPolicy,
    });

    this.credentials = new Secret(this, 'AtlasCredentials', {
      description: 'Service account or API key of MongoDB Atlas; put there by its owner, not by this stack.',
      // An empty object and no secret, so it may stand in the template; the functions say what belongs there. It must
      // never change: CloudFormation would write the new value over the credentials.
      secretStringValue: SecretValue.unsafePlainText('{}'),
      removalPolicy,
    });

    this.catalog = new Catalog(this, 'Catalog', {
      lake: this.lake,
      datasets,
      config: configuration.stack.catalog,
      removalPolicy,
    });

    new CfnOutput(this, 'Database', {
      description: 'The Glue database, for Athena.',
      value: this.catalog.database.databaseName,
    });
    new CfnOutput(this, 'WorkGroup', {
      description: 'The Athena workgroup.',
      value: this.catalog.workGroup.ref,
    });
    new CfnOutput(this, 'CursorTable', { description: 'The cursors.', value: this.cursors.tableName });
    new CfnOutput(this, 'LakeBucket', { description: 'The lake.', value: this.lake.bucketName });
  }
}
