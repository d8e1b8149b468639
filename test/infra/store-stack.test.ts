import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { type ParsedTemplate, type Resource, resolve, synthesize } from './templates.ts';

const { store, collector, stacks } = synthesize();

describe('resources that outlive the collector', () => {
  const kept = store.resources.filter(({ Type }) => !/Policy$|CDK::Metadata$/.test(Type));

  test.each(kept)('$id is retained', (resource) => {
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('are only in the store stack', () => {
    for (const type of [
      'AWS::S3::Bucket',
      'AWS::DynamoDB::Table',
      'AWS::SecretsManager::Secret',
      'AWS::Glue::Table',
    ]) {
      expect(kept.map(({ Type }) => Type)).toContain(type);
      expect(collector.ofType(type)).toEqual([]);
    }
  });

  test('are in a stack with termination protection', () => {
    expect(stacks.store.terminationProtection).toBe(true);
  });

  test.each(store.ofType('AWS::S3::Bucket'))(
    '$id is private, encrypted, and requires TLS 1.2',
    ({ id, Properties }) => {
      expect(Properties).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      });
      const policies = JSON.stringify(
        store
          .ofType('AWS::S3::BucketPolicy')
          .filter(({ Properties: { Bucket } }) => JSON.stringify(Bucket) === JSON.stringify({ Ref: id })),
      );
      expect(policies).toContain('{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
      expect(policies).toContain('{"NumericLessThan":{"s3:TlsVersion":1.2}},"Effect":"Deny"');
    },
  );

  test('the lake keeps old versions for 30 days', () => {
    expect(lakeBucket(store).Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: expect.arrayContaining([
          expect.objectContaining({
            Status: 'Enabled',
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          }),
        ]),
      },
    });
  });

  test('the cursor table has deletion protection and point-in-time recovery, and no TTL', () => {
    const [table] = store.ofType('AWS::DynamoDB::Table');
    expect(table?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    expect(table?.Properties).not.toHaveProperty('TimeToLiveSpecification');
  });

  test('the initial value of the secret never changes, because a change would overwrite the credentials', () => {
    const [secret] = store.ofType('AWS::SecretsManager::Secret');
    expect(secret?.Properties['SecretString']).toBe('{}');
    expect(secret?.Properties).not.toHaveProperty('GenerateSecretString');
  });

  test('an output shows how to fill the secret', () => {
    expect(resolve(collector.outputs['FillTheSecret']?.['Value'])).toMatch(
      /^aws secretsmanager put-secret-value --region \S+ --secret-id \S+ --secret-string file:\/\/\/dev\/stdin$/,
    );
  });
});

describe('the lifecycle of the lake', () => {
  const [dataset] = datasets;
  const tables = datasets.flatMap((one) => one.tables.map(({ name }) => name));

  test('moves larger objects of every table after 90 days and deletes nothing by default', () => {
    const rules = lifecycleOf(store).filter(({ Prefix }) => Prefix !== undefined);
    expect(rules.map(({ Prefix }) => Prefix)).toEqual(tables.map((table) => `${table}/`));
    for (const rule of rules) {
      expect(rule).toMatchObject({
        Status: 'Enabled',
        ObjectSizeGreaterThan: 131_072,
        Transitions: [{ StorageClass: 'STANDARD_IA', TransitionInDays: 90 }],
      });
      expect(rule).not.toHaveProperty('ExpirationInDays');
    }
  });

  test.each([
    [400, { move: 90, expire: 400 }],
    [60, { move: undefined, expire: 60 }],
  ])('deletes the rows of a dataset after %i days if configured', (days, expected) => {
    if (!dataset) throw new Error('there is no dataset');
    const { store: limited } = synthesize({ datasets: { [dataset.name]: { expireAfterDays: days } } });
    for (const table of tables) {
      const own = lifecycleOf(limited).filter(({ Prefix }) => Prefix === `${table}/`);
      const expired = own.flatMap(({ ExpirationInDays }) => ExpirationInDays ?? []);
      const moved = own.flatMap(({ Transitions = [] }) => Transitions.map((one) => one.TransitionInDays));
      const isOfDataset = dataset.tables.some(({ name }) => name === table);
      expect(expired).toEqual(isOfDataset ? [expected.expire] : []);
      expect(moved).toEqual([isOfDataset ? expected.move : 90].filter((day) => day !== undefined));
    }
  });
});

test('a stack with the removal policy destroy can be deleted', () => {
  const { store: passing, stacks: passingStacks } = synthesize({ removalPolicy: 'destroy' });
  expect(passingStacks.store.terminationProtection).toBe(false);
  expect(passing.ofType('AWS::DynamoDB::Table')[0]?.Properties['DeletionProtectionEnabled']).toBe(false);
  expect(passing.resources.filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')).toEqual([]);
});

function lakeBucket(template: ParsedTemplate): Resource {
  const [lake, ...others] = template
    .ofType('AWS::S3::Bucket')
    .filter(({ Properties }) => Properties['VersioningConfiguration'] !== undefined);
  if (!lake || others.length > 0) throw new Error('exactly one bucket must have versions');
  return lake;
}

const lifecycleSchema = z.object({
  Rules: z.array(
    z.looseObject({
      Prefix: z.string().optional(),
      ExpirationInDays: z.number().optional(),
      Transitions: z.array(z.object({ TransitionInDays: z.number(), StorageClass: z.string() })).optional(),
    }),
  ),
});

function lifecycleOf(template: ParsedTemplate) {
  return lifecycleSchema.parse(lakeBucket(template).Properties['LifecycleConfiguration']).Rules;
}
