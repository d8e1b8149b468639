import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DATASET_TIMEOUT } from './dataset-function.ts';

/** The queue of one dataset, and where its messages end whose runs crashed. */
export class DatasetQueue extends Construct {
  readonly messages: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const common: QueueProps = {
      fifo: true,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    };
    const deadLetters = new Queue(this, 'DeadLetters', { ...common, retentionPeriod: Duration.days(14) });
    this.messages = new Queue(this, 'Messages', {
      ...common,
      // As long as the lease that a run holds. Not the usual six times the timeout: after a crash, that would keep
      // the project waiting for half an hour.
      visibilityTimeout: Duration.seconds(DATASET_TIMEOUT.toSeconds() + 60),
      // The cursors know what is missing, so that any later tick does the work of a stale one.
      retentionPeriod: Duration.hours(1),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 3 },
    });
  }
}
