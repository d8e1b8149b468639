import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { tablesWrittenBy } from '../shared/collection/tables.ts';
import type { CollectorStack } from './collector-stack.ts';
import type { StoreStack } from './store-stack.ts';

/** What the checks at synthesis find and we have decided otherwise, each with its reason. */
export function acknowledge(store: StoreStack, collector: CollectorStack): void {
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
  const lake = z
    .object({ 'Fn::ImportValue': z.string() })
    .parse(collector.resolve(store.exportValue(store.lake.bucketArn)));
  for (const { dataset, collector: writer } of collector.writers) {
    for (const { name } of tablesWrittenBy(dataset)) {
      acknowledgeRule(
        writer.role,
        `AwsSolutions-IAM5[Resource::${lake['Fn::ImportValue']}/${name}/*]`,
        'Objects get new names with each run: a function may write below the folders of its own tables, and nowhere else.',
      );
    }
  }
}

function acknowledgeRule(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}
