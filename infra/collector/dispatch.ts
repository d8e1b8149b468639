import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DISPATCH_TIMEOUT_SECONDS } from '../../shared/worker/limits.ts';
import type { Encryption } from '../encryption.ts';
import type { Placement } from '../network/placement.ts';
import { allow } from '../permissions.ts';
import { CollectorFunction } from './collector-function.ts';

export interface DispatchProps {
  queues: readonly IQueue[];
  credentials: Secret;
  environment: Record<string, string>;
  cursors: Table;
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
    const { queues, credentials, environment, cursors, placement, layers, encryption } = props;
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
      environment: { ...environment, CURSOR_TABLE: cursors.tableName },
      // Schedules invoke the function asynchronously, so Lambda retries failures, and waits if all executions of the
      // account are busy. A tick that is a quarter of an hour late is worth less than the next one.
      retryAttempts: 2,
      maxEventAge: Duration.minutes(15),
      deadLetterQueue: this.deadTicks,
      encryption,
      placement,
      layers: [...layers],
    });
    const { role } = this.collector;
    allow(role, ['secretsmanager:GetSecretValue'], [credentials.secretArn]);
    // Its records of projects and organisations, but no cursors.
    allow(role, ['dynamodb:Query', 'dynamodb:PutItem'], [cursors.tableArn], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['units#*'] },
    });
    allow(
      role,
      ['sqs:SendMessage'],
      queues.map(({ queueArn }) => queueArn),
    );
  }
}
