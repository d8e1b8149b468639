import { describe, expect, test } from 'vitest';
import { resolve, synthesize } from './templates.ts';

const { store, collector } = synthesize();

describe('what outlives the collector', () => {
  test.each(['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::SecretsManager::Secret'])(
    '%s is retained',
    (type) => {
      const [resource, ...others] = store.ofType(type);
      expect(others).toEqual([]);
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(collector.ofType(type)).toEqual([]);
    },
  );

  test('the bucket is private, encrypted, and keeps old versions for a month', () => {
    const [bucket] = store.ofType('AWS::S3::Bucket');
    expect(bucket?.Properties).toMatchObject({
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
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [
          {
            Status: 'Enabled',
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      },
    });
    const policies = JSON.stringify(store.ofType('AWS::S3::BucketPolicy'));
    expect(policies).toContain('{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
    expect(policies).toContain('{"NumericLessThan":{"s3:TlsVersion":1.2}},"Effect":"Deny"');
  });

  test('the table cannot be deleted by mistake, can be restored, and forgets nothing', () => {
    const [table] = store.ofType('AWS::DynamoDB::Table');
    expect(table?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    expect(table?.Properties).not.toHaveProperty('TimeToLiveSpecification');
  });

  test('the secret stays as it was created: another value would replace the credentials', () => {
    const [secret] = store.ofType('AWS::SecretsManager::Secret');
    expect(secret?.Properties['SecretString']).toBe('{}');
    expect(secret?.Properties).not.toHaveProperty('GenerateSecretString');
  });

  test('an output says how to fill the secret', () => {
    expect(resolve(collector.outputs['FillTheSecret']?.['Value'])).toMatch(
      /^aws secretsmanager put-secret-value --region \S+ --secret-id \S+ --secret-string '\{"clientId":"...","clientSecret":"..."\}'$/,
    );
  });
});
