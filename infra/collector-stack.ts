import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { CollectorFunction } from './collector/collector-function.ts';
import { DatasetFunction } from './collector/dataset-function.ts';
import { DatasetQueue } from './collector/dataset-queue.ts';
import { TickSchedules } from './collector/tick-schedules.ts';
import type { Configuration } from './configuration.ts';
import { allow } from './permissions.ts';
import type { StoreStack } from './store-stack.ts';

export interface CollectorStackProps extends StackProps {
  store: StoreStack;
  configuration: Configuration;
}

/** What collects: schedules call `dispatch`, which sends a message for each project to the queue of a dataset. */
export class CollectorStack extends Stack {
  constructor(scope: Construct, id: string, props: CollectorStackProps) {
    const { store, configuration, ...stackProps } = props;
    super(scope, id, stackProps);
    const { datasets } = configuration;

    const queues = datasets.map((dataset) => ({
      dataset,
      queue: new DatasetQueue(this, `${pascalCase(dataset.name)}Queue`),
    }));
    const environment = {
      ATLAS_SECRET_ARN: store.credentials.secretArn,
      COLLECTOR_CONFIG: this.toJsonString({
        ...configuration.functionsSource,
        queues: Object.fromEntries(
          queues.map(({ dataset, queue }) => [dataset.name, queue.messages.queueUrl]),
        ),
      }),
    };

    for (const { dataset, queue } of queues) {
      // A dataset that is switched off keeps its queue and function, which cost nothing while nothing calls them.
      new DatasetFunction(this, pascalCase(dataset.name), { dataset, queue, store, environment });
    }

    const deadTicks = new Queue(this, 'DeadTicks', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const dispatch = new CollectorFunction(this, 'Dispatch', {
      folder: 'dispatch',
      description: 'Lists the projects at each tick of a dataset, and sends one message for each.',
      timeout: Duration.minutes(1),
      environment,
      // The schedules hand a tick over to Lambda and are done: failures of the function are Lambda's to repeat, within
      // the same limits as the schedules', as a tick that is five minutes late is worth less than the next one.
      retryAttempts: 2,
      maxEventAge: Duration.minutes(5),
      deadLetterQueue: deadTicks,
    });
    allow(dispatch.role, ['secretsmanager:GetSecretValue'], [store.credentials.secretArn]);
    allow(
      dispatch.role,
      ['sqs:SendMessage'],
      queues.map(({ queue }) => queue.messages.queueArn),
    );

    new TickSchedules(this, 'Ticks', {
      datasets: configuration.enabled,
      dispatch: dispatch.function,
      deadLetters: deadTicks,
    });

    // Here and not in the other stack, so that it is among the last lines of a deployment.
    new CfnOutput(this, 'FillTheSecret', {
      description: 'Puts the credentials of an Atlas service account into the secret.',
      value: `aws secretsmanager put-secret-value --region ${this.region} --secret-id ${store.credentials.secretArn} --secret-string '{"clientId":"...","clientSecret":"..."}'`,
    });
  }
}

function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
