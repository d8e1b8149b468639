import { type Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { tablesWrittenBy } from '../shared/engine/tables.ts';
import { RECORDS_FOLDER } from '../shared/lake/keys.ts';
import { lakeTables } from '../sql/tables.ts';
import { parquetTable } from './analysis/statements.ts';
import type { AnalysisStack } from './analysis-stack.ts';
import type { CollectorStack } from './collector-stack.ts';
import type { StoreStack } from './store-stack.ts';

/** What the checks at synthesis find and we have decided otherwise, each with its reason. */
export function acknowledge(store: StoreStack, collector: CollectorStack, analysis: AnalysisStack): void {
  for (const bucket of [store.lake, store.catalog.results]) {
    acknowledgeRule(
      bucket,
      'AwsSolutions-S1',
      'Server access logs would be one more bucket, of who reads what; an owner who needs them has CloudTrail record data events.',
    );
  }
  acknowledgeRule(
    store.lake,
    'CloudFormation-Validate::W9003',
    'CDK writes the size as a number, which CloudFormation takes.',
  );
  acknowledgeRule(
    store.credentials,
    'AwsSolutions-SMG4',
    'Only Atlas makes new credentials, and the collector may not: it reads. Their owner puts them here, and the functions notice.',
  );
  const lake = exportOf(store, store.lake.bucketArn);
  for (const { dataset, collector: writer } of collector.writers) {
    const folders = tablesWrittenBy(dataset).map(({ name }) => name);
    for (const folder of [...folders, `${RECORDS_FOLDER}/${dataset.name}`]) {
      acknowledgeRule(
        writer.role,
        `AwsSolutions-IAM5[Resource::${lake}/${folder}/*]`,
        'Objects get new names with each run: a function may write below the folders of its own tables and records, and nowhere else.',
      );
    }
  }
  acknowledgeAnalysis(store, analysis);
}

function acknowledgeAnalysis(store: StoreStack, { compaction, databaseName }: AnalysisStack): void {
  const { machine } = compaction;
  const lake = exportOf(store, store.lake.bucketArn);
  const results = exportOf(store, store.catalog.results.bucketArn);
  const athenaAsks =
    "Athena reads the lake and keeps its answers with the caller's permissions, objects by any name.";
  for (const place of [`${lake}/*`, `${results}/*`]) {
    acknowledgeRule(machine.role, `AwsSolutions-IAM5[Resource::${place}]`, athenaAsks);
  }
  for (const { name } of lakeTables) {
    acknowledgeRule(
      machine.role,
      `AwsSolutions-IAM5[Resource::${lake}/${parquetTable(name)}/*]`,
      'Athena names the files that it unloads: below the folders of Parquet, and nowhere else.',
    );
  }
  acknowledgeRule(
    machine.role,
    `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:table/${databaseName}/*]`,
    "It reads what the database's tables and views are; it changes only those that are its own.",
  );
  acknowledgeRule(
    machine.role,
    'AwsSolutions-IAM5[Resource::*]',
    'PutMetricData knows no resources; a condition leaves it one namespace.',
  );
  acknowledgeRule(
    machine,
    'AwsSolutions-SF1',
    'Step Functions keeps the history of executions, one a night, for 90 days.',
  );
  acknowledgeRule(
    machine,
    'AwsSolutions-SF2',
    'Its time is spent in Athena, which says of each query how long it took.',
  );
}

/** The name under which a stack exports a value, as others import it. */
function exportOf(stack: Stack, value: string): string {
  const imported = z.object({ 'Fn::ImportValue': z.string() }).parse(stack.resolve(stack.exportValue(value)));
  return imported['Fn::ImportValue'];
}

function acknowledgeRule(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}
