import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LakeViews } from './analysis/lake-views.ts';
import { Publication } from './analysis/publication.ts';
import type { Configuration } from './configuration.ts';
import { Encryption } from './encryption.ts';
import { alarmActions } from './operations/alarm-actions.ts';
import type { StoreStack } from './store-stack.ts';

export interface AnalysisStackProps extends StackProps {
  store: StoreStack;
  configuration: Configuration;
}

/**
 * Makes the lake easy and cheap to query: Iceberg tables with the committed rows, and views. The tables derive from the
 * landing files, so the stack can be deleted and deployed again.
 */
export class AnalysisStack extends Stack {
  readonly publication: Publication;
  /** The name of the Glue database, not a reference: views encode it in a form that CloudFormation cannot read. */
  readonly databaseName: string;

  constructor(scope: Construct, id: string, props: AnalysisStackProps) {
    const { store, configuration, ...stackProps } = props;
    super(scope, id, stackProps);
    this.addStackDependency(store, 'its database contains the views');
    const { database } = configuration.stack.catalog;
    this.databaseName = database;
    const encryption = new Encryption(this, configuration.stack.kmsKeyArn);
    const workGroup = store.catalog.workGroup.ref;
    new LakeViews(this, 'Views', { database, workGroup });
    this.publication = new Publication(this, 'Publication', {
      lake: store.lake,
      results: store.catalog.results,
      cursors: store.cursors,
      database,
      every: configuration.stack.publish.every,
      expireAfterDays: expirations(configuration),
      namespace: configuration.stack.stackPrefix,
      alarmActions: alarmActions(this, configuration.stack.alarms, encryption),
      encryption,
    });
    new CfnOutput(this, 'PublicationMachine', {
      description: 'The state machine that publishes the lake.',
      value: this.publication.machine.stateMachineArn,
    });
    new CfnOutput(this, 'PublicationWorkGroup', {
      description: 'The Athena workgroup that changes the Iceberg tables.',
      value: this.publication.workGroup.ref,
    });
  }
}

/** Returns the age at which rows of a table are deleted, days, for the tables that have one. */
function expirations({ datasets, stack }: Configuration): Record<string, number> {
  return Object.fromEntries(
    datasets.flatMap(({ name, tables }) => {
      const days = stack.datasets[name]?.expireAfterDays;
      return days === undefined ? [] : tables.map((table) => [table.name, days]);
    }),
  );
}
