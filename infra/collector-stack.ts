import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { settingsFor } from '../shared/config.ts';
import type { DatasetDeclaration } from '../shared/engine/declaration.ts';
import { DEFAULT_CONCURRENCY } from '../shared/worker/limits.ts';
import { type CollectorFunction, metricsEnvironment } from './collector/collector-function.ts';
import { configurationSource } from './collector/configuration-source.ts';
import { DatasetFunction } from './collector/dataset-function.ts';
import { DatasetQueue } from './collector/dataset-queue.ts';
import { Dispatch } from './collector/dispatch.ts';
import { TickSchedules } from './collector/tick-schedules.ts';
import type { Configuration } from './configuration.ts';
import { Encryption } from './encryption.ts';
import { atlasAccess } from './network/atlas-access.ts';
import type { NetworkStack } from './network-stack.ts';
import { alarmActions } from './operations/alarm-actions.ts';
import { Alarms } from './operations/alarms.ts';
import { addDashboard } from './operations/dashboard.ts';
import { CollectorMetrics } from './operations/metrics.ts';
import type { StoreStack } from './store-stack.ts';

export interface CollectorStackProps extends StackProps {
  store: StoreStack;
  configuration: Configuration;
  /** The managed network; undefined if the configuration has none. */
  network: NetworkStack | undefined;
}

/** The collector: schedules call `dispatch`, which sends one message for each project to a dataset's queue. */
export class CollectorStack extends Stack {
  /** The functions that write to the lake. */
  readonly writers: ReadonlyArray<{ dataset: DatasetDeclaration; collector: CollectorFunction }>;
  readonly dispatch: Dispatch;
  /** Whether the functions are in a VPC. */
  readonly isInVpc: boolean;

  constructor(scope: Construct, id: string, props: CollectorStackProps) {
    const { store, configuration, network, ...stackProps } = props;
    super(scope, id, stackProps);
    const { datasets, enabled } = configuration;
    const encryption = new Encryption(this, configuration.stack.kmsKeyArn);
    const access = atlasAccess(this, configuration.stack, network?.placement);
    this.isInVpc = access.placement !== undefined;

    const queues = datasets.map((dataset) => ({
      dataset,
      queue: new DatasetQueue(this, `${pascalCase(dataset.name)}Queue`, dataset, encryption),
    }));
    const metricsVariables = metricsEnvironment(configuration.stack.stackPrefix);
    const source = configurationSource(this, configuration.functionsSource, {
      queues: queues.length,
      variables: { ...metricsVariables, ...access.environment },
    });
    const environment = {
      ...metricsVariables,
      ...access.environment,
      ...source.environment,
      ATLAS_SECRET_ARN: store.credentials.secretArn,
      COLLECTOR_CONFIG: this.toJsonString({
        ...source.inEnvironment,
        queues: Object.fromEntries(
          queues.map(({ dataset, queue }) => [dataset.name, queue.messages.queueUrl]),
        ),
      }),
    };
    // A disabled dataset keeps its queue and function, which cost nothing because Lambda does not poll the queue.
    const deployed = queues.map(({ dataset, queue }) => {
      const { collector } = new DatasetFunction(this, pascalCase(dataset.name), {
        dataset,
        queue,
        isEnabled: enabled.includes(dataset),
        store,
        environment,
        concurrency: configuration.stack.datasets[dataset.name]?.concurrency ?? DEFAULT_CONCURRENCY,
        placement: access.placement,
        layers: [...access.layers, ...source.layers],
        encryption,
      });
      return { dataset, collector, queue };
    });
    this.writers = deployed;
    this.dispatch = new Dispatch(this, 'Dispatch', {
      queues: queues.map(({ queue }) => queue.messages),
      store,
      environment,
      placement: access.placement,
      layers: [...access.layers, ...source.layers],
      encryption,
    });
    const { dispatch } = this;
    new TickSchedules(this, 'Ticks', {
      datasets: enabled,
      dispatch: dispatch.collector.function,
      deadLetters: dispatch.deadTicks,
      encryption,
    });

    const watched = deployed.filter(({ dataset }) => enabled.includes(dataset));
    const metrics = new CollectorMetrics(configuration.stack.stackPrefix);
    new Alarms(this, 'Alarms', {
      datasets: watched.map(({ dataset, collector, queue }) => ({
        dataset,
        settle: settingsFor(dataset, configuration.functions).settle ?? 0,
        function: collector.function,
        messages: queue.messages,
        deadLetters: queue.deadLetters,
      })),
      dispatch: dispatch.collector.function,
      deadTicks: dispatch.deadTicks,
      credentials: configuration.functions.credentials,
      metrics,
      actions: alarmActions(this, configuration.stack.alarms, encryption),
    });
    addDashboard(this, {
      datasets: watched.map(({ dataset, collector, queue }) => ({
        dataset,
        collector,
        messages: queue.messages,
      })),
      cursors: store.cursors,
      lake: store.lake,
      metrics,
    });

    // In this stack, so that a deployment prints it among its last lines.
    new CfnOutput(this, 'FillTheSecret', {
      description:
        'Stores the credentials from standard input in the secret: paste {"clientId":"...","clientSecret":"..."} of a service account or {"publicKey":"...","privateKey":"..."} of an API key, or an object of several of them by name, then press Enter and Ctrl-D.',
      // A secret in the command itself would stay in the shell's history and be visible in the list of processes.
      value: `aws secretsmanager put-secret-value --region ${this.region} --secret-id ${store.credentials.secretArn} --secret-string file:///dev/stdin`,
    });
  }
}

function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
