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
 * What makes the lake easy and cheap to ask: views, and Parquet of finished days. All of it follows from the lake's
 * NDJSON: the stack may go and come again.
 */
export class AnalysisStack extends Stack {
  readonly compaction: Compaction;
  /** The Glue database. By its name: the views hold it in a form that CloudFormation cannot look into. */
  readonly databaseName: string;

  constructor(scope: Construct, id: string, props: AnalysisStackProps) {
    const { store, configuration, ...stackProps } = props;
    super(scope, id, stackProps);
    this.addStackDependency(store, 'the views are in its database');
    const { database, firstDay } = configuration.stack.catalog;
    this.databaseName = database;
    const workGroup = store.catalog.workGroup.ref;
    new LakeViews(this, 'Views', { database, workGroup });
    this.compaction = new Compaction(this, 'Compaction', {
      lake: store.lake,
      results: store.catalog.results,
      database,
      workGroup,
      datasets: configuration.datasets,
      firstDay,
      alarmActions: alarmActions(this, configuration.stack.alarms),
    });
  }
}
