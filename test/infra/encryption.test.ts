import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ALL_ENABLED, type Resource, synthesize } from './templates.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/0d1e2f3a-4b5c-6d7e-8f90-a1b2c3d4e5f6';
const alarms = { email: 'data-team@example.com' };

const deployed = synthesize({ ...ALL_ENABLED, alarms, kmsKeyArn: KEY });
const resources = [deployed.store, deployed.collector, deployed.analysis].flatMap((stack) => stack.resources);

function ofType(type: string): Resource[] {
  const found = resources.filter(({ Type }) => Type === type);
  if (found.length === 0) throw new Error(`there is no ${type}`);
  return found;
}

/** What each type of resource says of its key. */
const KEYED: Record<string, object> = {
  'AWS::S3::Bucket': {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY },
        },
      ],
    },
  },
  'AWS::DynamoDB::Table': {
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: KEY },
  },
  'AWS::SecretsManager::Secret': { KmsKeyId: KEY },
  'AWS::SQS::Queue': { KmsMasterKeyId: KEY },
  'AWS::SNS::Topic': { KmsMasterKeyId: KEY },
  'AWS::Logs::LogGroup': { KmsKeyId: KEY },
  'AWS::Athena::WorkGroup': {
    WorkGroupConfiguration: {
      ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: KEY } },
    },
  },
};

describe("with the owner's key", () => {
  test.each(Object.entries(KEYED))('every %s is encrypted with it', (type, expected) => {
    for (const { Properties } of ofType(type)) {
      expect(Properties).toMatchObject(expected);
      expect(Properties).not.toHaveProperty('SqsManagedSseEnabled');
    }
  });

  test('every role that reads or writes what is encrypted may use this key, and no other', () => {
    const statement = z.object({
      Effect: z.string(),
      Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
      Resource: z.unknown(),
    });
    const policy = z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) });
    let roles = 0;
    for (const { Properties } of ofType('AWS::IAM::Policy')) {
      const { Statement } = policy.parse(Properties).PolicyDocument;
      const actions = Statement.flatMap(({ Action }) => Action);
      const needsKey = actions.some((action) => /^(s3|dynamodb|sqs|secretsmanager):/.test(action));
      const keyed = Statement.filter(({ Action }) => Action.some((action) => action.startsWith('kms:')));
      expect(keyed).toEqual(
        needsKey
          ? [
              {
                Effect: 'Allow',
                Action: expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']),
                Resource: KEY,
              },
            ]
          : [],
      );
      if (needsKey) roles += 1;
    }
    // The functions, dispatch, the schedules' role, the publication's function and its machine.
    expect(roles).toBe(ofType('AWS::Lambda::Function').length + 2);
  });

  test('is not replaced: every resource keeps its id and type', () => {
    const usual = synthesize({ ...ALL_ENABLED, alarms });
    const before = [usual.store, usual.collector, usual.analysis].flatMap((stack) => stack.resources);
    const identity = ({ id, Type }: Resource) => `${id} ${Type}`;
    expect(resources.map(identity)).toEqual(before.map(identity));
    expect(before.some((resource) => /kms/i.test(JSON.stringify(resource)))).toBe(false);
  });
});

test.each([
  'arn:aws:kms:eu-west-1:123456789012:alias/lake',
  '0d1e2f3a-4b5c-6d7e-8f90-a1b2c3d4e5f6',
  'alias/lake',
])('%s is refused as a key', (kmsKeyArn) => {
  expect(() => synthesize({ kmsKeyArn })).toThrow(
    /^kmsKeyArn: expected the ARN of a KMS key, not of an alias$/,
  );
});
