import type { App } from 'aws-cdk-lib';
import { declarations } from '../functions/declarations.ts';
import { acknowledge, type Stacks } from './acknowledgements.ts';
import { AnalysisStack } from './analysis-stack.ts';
import { CollectorStack } from './collector-stack.ts';
import { readConfiguration } from './configuration.ts';
import { NetworkStack } from './network-stack.ts';
import { StoreStack } from './store-stack.ts';

/**
 * Adds all stacks to the app. Resources that must outlive the collector have their own stack from the first deployment,
 * because moving resources between deployed stacks is difficult.
 * @throws {ConfigError}
 */
export function addStacks(app: App): Stacks {
  const configuration = readConfiguration(app, declarations);
  const { stackPrefix: prefix } = configuration.stack;
  const store = new StoreStack(app, `${prefix}Store`, {
    description: 'The lake of MongoDB Atlas data, its cursors and the Atlas credentials.',
    configuration,
  });
  const analysis = new AnalysisStack(app, `${prefix}Analysis`, {
    description: 'Publishes committed rows to Iceberg tables, and defines the views.',
    store,
    configuration,
  });
  const { network: wanted } = configuration.stack;
  const network =
    wanted?.kind === 'managed'
      ? new NetworkStack(app, `${prefix}Network`, {
          description: 'The fixed address from which the collector talks to MongoDB Atlas.',
          availabilityZone: wanted.availabilityZone,
          proxy: configuration.stack.proxy,
        })
      : undefined;
  const collector = new CollectorStack(app, `${prefix}Collector`, {
    description: 'Collects data from MongoDB Atlas into the lake: schedules, queues and functions.',
    store,
    configuration,
    network,
  });
  // An appended column must be in the Iceberg tables before the first row that has it is published.
  collector.addStackDependency(analysis, 'the publication must know the columns of new rows first');
  const stacks = { store, collector, analysis, network };
  acknowledge(stacks);
  return stacks;
}
