import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type ILayerVersion, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { tablesWrittenBy } from '../../shared/engine/tables.ts';
import { RECORDS_FOLDER } from '../../shared/lake/keys.ts';
import { DATASET_TIMEOUT_SECONDS } from '../../shared/worker/limits.ts';
import type { Encryption } from '../encryption.ts';
import type { Placement } from '../network/placement.ts';
import { allow } from '../permissions.ts';
import type { StoreStack } from '../store-stack.ts';
import { CollectorFunction } from './collector-function.ts';
import type { DatasetQueue } from './dataset-queue.ts';
import { HEAP_MEGABYTES } from './heap-limits.ts';

export interface DatasetFunctionProps {
  dataset: DatasetDeclaration;
  queue: DatasetQueue;
  /** Whether Lambda polls the queue, which costs even while it is empty. */
  isEnabled: boolean;
  store: StoreStack;
  environment: Record<string, string>;
  /** Projects collected at a time. Atlas limits requests by project, so many projects do not slow each other down. */
  concurrency: number;
  placement: Placement | undefined;
  layers: readonly ILayerVersion[];
  encryption: Encryption;
}

/** The Lambda function of one dataset, called by its queue. */
export class DatasetFunction extends Construct {
  readonly collector: CollectorFunction;

  constructor(scope: Construct, id: string, props: DatasetFunctionProps) {
    super(scope, id);
    const { dataset, queue, isEnabled, store, environment, concurrency, placement, layers, encryption } =
      props;
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
      // Continuation messages form a loop of the function with its own queue. The function limits their number.
      recursiveLoop: RecursiveLoop.ALLOW,
      encryption,
      placement,
      layers: [...layers],
    });
    this.#allow(props);
    new EventSourceMapping(this, 'Source', {
      target: this.collector.function,
      eventSourceArn: queue.messages.queueArn,
      enabled: isEnabled,
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: concurrency,
    });
  }

  #allow({ dataset, queue, store }: DatasetFunctionProps): void {
    const { role } = this.collector;
    allow(role, ['secretsmanager:GetSecretValue'], [store.credentials.secretArn]);
    allow(
      role,
      // GetObject also allows HeadObject, which reads the checksum of an existing object.
      ['s3:PutObject', 's3:GetObject'],
      tablesWrittenBy(dataset).map(({ name }) => store.lake.arnForObjects(`${name}/*`)),
    );
    allow(
      role,
      ['s3:PutObject', 's3:GetObject'],
      [store.lake.arnForObjects(`${RECORDS_FOLDER}/${dataset.name}/*`)],
    );
    // Without this permission, S3 returns 403 for an object that does not exist.
    allow(role, ['s3:ListBucket'], [store.lake.bucketArn]);
    allow(
      role,
      // TransactWriteItems needs the permissions of its items: PutItem and DeleteItem.
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Query'],
      [store.cursors.tableArn],
      // Only this dataset's partitions. The condition checks the partition key of all four actions. Scan has no key and
      // would pass, so it is not allowed.
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${dataset.name}#*`] } },
    );
    allow(
      role,
      [
        // Send a continuation, and defer one that arrives too early.
        'sqs:SendMessage',
        'sqs:ChangeMessageVisibility',
        // Lambda uses these with the function's role.
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
      ],
      [queue.messages.queueArn],
    );
  }
}

/** Returns a dataset's folder below `functions/`: `disk-measurements` for `disk_measurements`. */
export function functionFolder({ name }: { name: string }): string {
  return name.replaceAll('_', '-');
}

/**
 * Returns the Node options that limit the heap. The first limits old objects. New objects use semi-spaces in addition,
 * which Node makes 16 MB each by default.
 */
function heapOptions({ name }: DatasetDeclaration): string[] {
  const megabytes = HEAP_MEGABYTES[name];
  if (megabytes === undefined) return [];
  return [`--max-old-space-size=${megabytes}`, '--max-semi-space-size=4'];
}
