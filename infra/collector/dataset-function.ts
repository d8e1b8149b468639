import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { tablesWrittenBy } from '../../shared/engine/tables.ts';
import { RECORDS_FOLDER } from '../../shared/lake/keys.ts';
import { DATASET_TIMEOUT_SECONDS } from '../../shared/worker/limits.ts';
import { allow } from '../permissions.ts';
import type { StoreStack } from '../store-stack.ts';
import { CollectorFunction } from './collector-function.ts';
import type { DatasetQueue } from './dataset-queue.ts';
import { HEAP_MEGABYTES } from './heap-limits.ts';

/**
 * How many projects are collected at a time. Atlas limits requests by project, so more would do no harm there; it
 * leaves the account's other functions their share of the concurrency, which in a new account is ten or so.
 */
const CONCURRENT_PROJECTS = 10;

export interface DatasetFunctionProps {
  dataset: DatasetDeclaration;
  queue: DatasetQueue;
  store: StoreStack;
  environment: Record<string, string>;
}

/** The function of one dataset, called by its queue. */
export class DatasetFunction extends Construct {
  readonly collector: CollectorFunction;

  constructor(scope: Construct, id: string, props: DatasetFunctionProps) {
    super(scope, id);
    const { dataset, queue, store, environment } = props;
    this.collector = new CollectorFunction(this, 'Collector', {
      folder: functionFolder(dataset),
      description: dataset.description,
      timeout: Duration.seconds(DATASET_TIMEOUT_SECONDS),
      nodeOptions: heapOptions(dataset),
      environment: {
        ...environment,
        LAKE_BUCKET: store.lake.bucketName,
        CURSOR_TABLE: store.cursors.tableName,
      },
      // The continuation message is a loop of the function with its own queue, which has a bound of its own.
      recursiveLoop: RecursiveLoop.ALLOW,
    });
    this.#allow(props);
    new EventSourceMapping(this, 'Source', {
      target: this.collector.function,
      eventSourceArn: queue.messages.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: CONCURRENT_PROJECTS,
    });
  }

  #allow({ dataset, queue, store }: DatasetFunctionProps): void {
    const { role } = this.collector;
    allow(role, ['secretsmanager:GetSecretValue'], [store.credentials.secretArn]);
    allow(
      role,
      // GetObject stands for HeadObject, which compares the checksum of an object that exists already.
      ['s3:PutObject', 's3:GetObject'],
      tablesWrittenBy(dataset).map(({ name }) => store.lake.arnForObjects(`${name}/*`)),
    );
    allow(
      role,
      ['s3:PutObject', 's3:GetObject'],
      [store.lake.arnForObjects(`${RECORDS_FOLDER}/${dataset.name}/*`)],
    );
    // Without it S3 answers 403 for an object that does not exist.
    allow(role, ['s3:ListBucket'], [store.lake.bucketArn]);
    allow(
      role,
      // TransactWriteItems needs what its items need, PutItem and DeleteItem.
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Query'],
      [store.cursors.tableArn],
      // Only this dataset's partitions. Each of the four actions has a partition key to compare; Scan, which has none
      // and would pass, is not allowed.
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${dataset.name}#*`] } },
    );
    allow(
      role,
      [
        // The continuation, and the deferral of one that came too early.
        'sqs:SendMessage',
        'sqs:ChangeMessageVisibility',
        // What Lambda does in the function's name.
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
      ],
      [queue.messages.queueArn],
    );
  }
}

/** The folder below `functions/` of a dataset: `disk_measurements` is in `disk-measurements`. */
export function functionFolder({ name }: { name: string }): string {
  return name.replaceAll('_', '-');
}

/**
 * The first limit is for what has lived for a while. What is new has semi-spaces beside it, of 16 MB each unless Node is told
 * otherwise.
 */
function heapOptions({ name }: DatasetDeclaration): string[] {
  const megabytes = HEAP_MEGABYTES[name];
  if (megabytes === undefined) return [];
  return [`--max-old-space-size=${megabytes}`, '--max-semi-space-size=4'];
}
