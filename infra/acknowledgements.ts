import { type Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { tablesWrittenBy } from '../shared/engine/tables.ts';
import { RECORDS_FOLDER } from '../shared/lake/keys.ts';
import { PUBLICATION_FOLDER, SLICES_FOLDER } from '../shared/publication/slice-store.ts';
import { lakeTables } from '../sql/tables.ts';
import type { AnalysisStack } from './analysis-stack.ts';
import type { CollectorStack } from './collector-stack.ts';
import type { NetworkStack } from './network-stack.ts';
import type { StoreStack } from './store-stack.ts';

/** All stacks of a deployment. */
export interface Stacks {
  store: StoreStack;
  collector: CollectorStack;
  analysis: AnalysisStack;
  /** Only if the configuration wants a managed network. */
  network: NetworkStack | undefined;
}

/** Acknowledges the findings of the checks at synthesis that we accept, each with its reason. */
export function acknowledge({ store, collector, analysis, network }: Stacks): void {
  for (const bucket of [store.lake, store.catalog.results]) {
    acknowledgeRule(
      bucket,
      'AwsSolutions-S1',
      'Server access logs need another bucket. An owner who must know who reads what records CloudTrail data events.',
    );
  }
  acknowledgeRule(
    store.lake,
    'CloudFormation-Validate::W9003',
    'CDK writes the size as a number, which CloudFormation accepts.',
  );
  acknowledgeRule(
    store.credentials,
    'AwsSolutions-SMG4',
    'Only Atlas issues credentials, and the collector may only read. The owner stores new ones here, and the functions pick them up.',
  );
  const lake = exportOf(store, store.lake.bucketArn);
  for (const { dataset, collector: writer } of collector.writers) {
    const folders = tablesWrittenBy(dataset).map(({ name }) => name);
    for (const folder of [...folders, `${RECORDS_FOLDER}/${dataset.name}`]) {
      acknowledgeRule(
        writer.role,
        `AwsSolutions-IAM5[Resource::${lake}/${folder}/*]`,
        'Each run writes objects with new names. A function may write only below the folders of its own tables and records.',
      );
    }
  }
  acknowledgeRule(
    collector.dispatch.collector.role,
    `AwsSolutions-IAM5[Resource::${lake}/${RECORDS_FOLDER}/*]`,
    'It looks into the commit records of projects that Atlas no longer lists. It reads no rows.',
  );
  if (network) acknowledgeNetwork(network);
  if (collector.isInVpc) acknowledgeInterfaces(collector);
  acknowledgeAnalysis(store, analysis);
}

function acknowledgeNetwork({ network: { vpc, subnets } }: NetworkStack): void {
  acknowledgeRule(
    vpc,
    'AwsSolutions-VPC7',
    'Only the functions use the VPC. They say in their logs what they cannot reach.',
  );
  for (const subnet of subnets) {
    acknowledgeRule(
      subnet,
      'CloudFormation-Validate::W3010',
      'The owner names the zone, because the first one may lack a service.',
    );
  }
}

function acknowledgeInterfaces({ writers, dispatch }: CollectorStack): void {
  for (const { collector } of [...writers, dispatch]) {
    for (const resources of ['*', 'arn:<AWS::Partition>:ec2:<AWS::Region>:*:*/*']) {
      acknowledgeRule(
        collector.role,
        `AwsSolutions-IAM5[Resource::${resources}]`,
        'Lambda makes the network interfaces and names them. The code of the function is denied the same actions.',
      );
    }
  }
}

function acknowledgeAnalysis(store: StoreStack, { publication, databaseName }: AnalysisStack): void {
  const { machine, publish } = publication;
  const lake = exportOf(store, store.lake.bucketArn);
  const results = exportOf(store, store.catalog.results.bucketArn);
  const athenaAsks =
    "Athena reads the lake and stores its results with the caller's permissions, and chooses the names of the results.";
  for (const place of [`${lake}/*`, `${results}/*`]) {
    acknowledgeRule(machine.role, `AwsSolutions-IAM5[Resource::${place}]`, athenaAsks);
  }
  acknowledgeRule(
    machine.role,
    `AwsSolutions-IAM5[Resource::${lake}/iceberg/*]`,
    'Athena names the files of Iceberg tables. It may write only below their folder.',
  );
  acknowledgeRule(
    machine.role,
    `AwsSolutions-IAM5[Resource::${lake}/${SLICES_FOLDER}/*]`,
    'It removes slices whose rows are in Iceberg. Each has a new name.',
  );
  const folders = [RECORDS_FOLDER, PUBLICATION_FOLDER, ...lakeTables.map(({ name }) => name)];
  for (const folder of folders) {
    acknowledgeRule(
      publish.role,
      `AwsSolutions-IAM5[Resource::${lake}/${folder}/*]`,
      'It reads commit records and looks for objects that they name, and writes only below its own folder.',
    );
  }
  for (const role of [machine.role, publish.role]) {
    acknowledgeRule(
      role,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:table/${databaseName}/*]`,
      'It reads the definitions of all tables and views in the database, and changes only its own.',
    );
  }
  acknowledgeRule(
    machine.role,
    `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:table/${databaseName}_slices/*]`,
    'It reads the tables of slices, one for each table of the lake.',
  );
  acknowledgeRule(
    machine.role,
    'AwsSolutions-IAM5[Resource::*]',
    'PutMetricData has no resources. A condition limits it to one namespace.',
  );
  acknowledgeRule(
    machine,
    'AwsSolutions-SF1',
    'Step Functions keeps the history of the executions, one an hour, for 90 days.',
  );
  acknowledgeRule(
    machine,
    'AwsSolutions-SF2',
    'It spends its time in Athena, which reports the duration of each query.',
  );
}

/** Returns the name under which other stacks import a value of this one. */
function exportOf(stack: Stack, value: string): string {
  const imported = z.object({ 'Fn::ImportValue': z.string() }).parse(stack.resolve(stack.exportValue(value)));
  return imported['Fn::ImportValue'];
}

function acknowledgeRule(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}
