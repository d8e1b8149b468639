import type { App } from 'aws-cdk-lib';
import { declarations } from '../functions/declarations.ts';
import { acknowledge } from './acknowledgements.ts';
import { AnalysisStack } from './analysis-stack.ts';
import { CollectorStack } from './collector-stack.ts';
import { readConfiguration } from './configuration.ts';
import { StoreStack } from './store-stack.ts';

/**
 * Everything that is deployed. What must outlive the collector is in a stack of its own from the first deployment
 * on: resources cannot be moved between stacks without trouble for those who have them.
 * @throws {ConfigError}
 */
export function addStacks(app: App): {
  store: StoreStack;
  collector: CollectorStack;
  analysis: AnalysisStack;
} {
  const configuration = readConfiguration(app, declarations);
  const store = new StoreStack(app, 'AtlasLakeStore', {
    description: 'What MongoDB Atlas knows about its clusters: the lake, its cursors, the credentials.',
    configuration,
  });
  const collector = new CollectorStack(app, 'AtlasLakeCollector', {
    description: 'Collects from MongoDB Atlas into the lake: schedules, queues, functions.',
    store,
    configuration,
  });
  const analysis = new AnalysisStack(app, 'AtlasLakeAnalysis', {
    description: 'Views of the lake for Athena, and the compaction of its finished days.',
    store,
    configuration,
  });
  acknowledge(store, collector, analysis);
  return { store, collector, analysis };
}
