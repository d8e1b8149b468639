import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Compaction } from './analysis/compaction.ts';
import { LakeViews } from './analysis/lake-views.ts';
import type { Configuration } from './configuration.ts';
import { alarmActions } from './operations/alarm-actions.ts';
import type { StoreStack } from './store-stack.ts';

export interface AnalysisStackProps extends StackProps {
  store: StoreStack;
  configuration: Configuration;
}

/**
 * Makes the lake easy and cheap to query: views, and Parquet for finished days. All of it derives from the lake's
 * NDJSON, so the stack can be deleted and deployed again.
 */
export class AnalysisStack extends Stack {
  readonly compaction: Compaction;
  /** The name of the Glue database, not a reference: views encode it in a form that CloudFormation cannot read. */
  readonly databaseName: string;

  constructor(scope: Construct, id: string, props: AnalysisStackProps) {
    const { store, configuration, ...stackProps } = props;
    super(scope, id, stackProps);
    this.addStackDependency(store, 'its database contains the views');
    const { database } = configuration.stack.catalog;
    this.databaseName = database;
    const workGroup = store.catalog.workGroup.ref;
    new LakeViews(this, 'Views', { database, workGroup });
    this.compaction = new Compaction(this, 'Compaction', {
      lake: store.lake,
      results: store.catalog.results,
      database,
      workGroup,
      datasets: configuration.datasets,
      alarmActions: alarmActions(this, configuration.stack.alarms),
    });
  }
}
