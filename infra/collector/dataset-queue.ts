import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Queue, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { maxReceives, retentionSeconds, VISIBILITY_SECONDS } from '../../shared/worker/limits.ts';
import type { Encryption } from '../encryption.ts';

/** The queue of one dataset, and the dead-letter queue for messages whose runs crash. */
export class DatasetQueue extends Construct {
  readonly messages: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { everyMinutes }: DatasetDeclaration, encryption: Encryption) {
    super(scope, id);
    const common: QueueProps = {
      fifo: true,
      ...encryption.queue,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', { ...common, retentionPeriod: Duration.days(14) });
    this.messages = new Queue(this, 'Messages', {
      ...common,
      visibilityTimeout: Duration.seconds(VISIBILITY_SECONDS),
      // Cursors record what is missing, so any later tick does the work of a stale message.
      retentionPeriod: Duration.seconds(retentionSeconds(everyMinutes)),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxReceives(everyMinutes) },
    });
  }
}
