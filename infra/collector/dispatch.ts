import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { RECORDS_FOLDER } from '../../shared/lake/keys.ts';
import { DISPATCH_PATIENCE_SECONDS, DISPATCH_TIMEOUT_SECONDS } from '../../shared/worker/limits.ts';
import type { Encryption } from '../encryption.ts';
import type { Placement } from '../network/placement.ts';
import { allow } from '../permissions.ts';
import type { StoreStack } from '../store-stack.ts';
import { CollectorFunction } from './collector-function.ts';

export interface DispatchProps {
  queues: readonly IQueue[];
  store: StoreStack;
  environment: Record<string, string>;
  placement: Placement | undefined;
  layers: readonly ILayerVersion[];
  encryption: Encryption;
}

/** The function that schedules call, and the queue for ticks that it could not handle. */
export class Dispatch extends Construct {
  readonly collector: CollectorFunction;
  readonly deadTicks: Queue;

  constructor(scope: Construct, id: string, props: DispatchProps) {
    super(scope, id);
    const { queues, store, environment, placement, layers, encryption } = props;
    this.deadTicks = new Queue(this, 'DeadTicks', {
      ...encryption.queue,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.collector = new CollectorFunction(this, 'Collector', {
      folder: 'dispatch',
      description: 'Lists the projects at each tick of a dataset and sends one message for each project.',
      timeout: Duration.seconds(DISPATCH_TIMEOUT_SECONDS),
      environment: {
        ...environment,
        CURSOR_TABLE: store.cursors.tableName,
        LAKE_BUCKET: store.lake.bucketName,
      },
      // Schedules invoke the function asynchronously, so Lambda retries failures, and waits if all executions of the
      // account are busy. Messages of a late tick that a run has answered since then need no run.
      retryAttempts: 2,
      maxEventAge: Duration.seconds(DISPATCH_PATIENCE_SECONDS),
      deadLetterQueue: this.deadTicks,
      encryption,
      placement,
      layers: [...layers],
    });
    const { role } = this.collector;
    allow(role, ['secretsmanager:GetSecretValue'], [store.credentials.secretArn]);
    // Its records of projects and organisations, but no cursors.
    allow(role, ['dynamodb:Query', 'dynamodb:PutItem'], [store.cursors.tableArn], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['units#*'] },
    });
    // The names of the folders of commit records, and the records themselves, but no rows.
    allow(role, ['s3:ListBucket'], [store.lake.bucketArn], {
      StringLike: { 's3:prefix': [`${RECORDS_FOLDER}/*`] },
    });
    allow(role, ['s3:GetObject'], [store.lake.arnForObjects(`${RECORDS_FOLDER}/*`)]);
    allow(
      role,
      ['sqs:SendMessage'],
      queues.map(({ queueArn }) => queueArn),
    );
  }
}
