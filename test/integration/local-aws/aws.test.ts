import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLocalAwsServices } from '../../../local-aws/aws.ts';
import { startLocalDynamoDb } from '../../../local-aws/dynamodb.ts';
import { eventually, filesBelow, temporaryFolder } from './support.ts';

/** Variables that a user who works with AWS may have set. */
const USERS_OWN = {
  AWS_ACCESS_KEY_ID: 'AKIAREAL',
  AWS_SECRET_ACCESS_KEY: 'real',
  AWS_SESSION_TOKEN: 'real',
  AWS_PROFILE: 'production',
  AWS_REGION: 'eu-central-1',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
};

function stubEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

test("the SDK uses only the environment of the stand-ins, and none of the user's variables", async () => {
  const folder = path.join(await temporaryFolder(), 'lake folder');
  stubEnvironment(USERS_OWN);
  const before = { ...process.env };
  const aws = await startLocalAwsServices({ folder });
  onTestFinished(() => aws.close());
  expect(process.env).toEqual(before);

  stubEnvironment(aws.environment);
  const clients = [new S3Client({ forcePathStyle: true }), new DynamoDBClient()] as const;
  const [s3, dynamoDb] = clients;
  for (const client of clients) {
    onTestFinished(() => client.destroy());
    expect(await client.config.credentials()).toMatchObject({
      accessKeyId: aws.environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: aws.environment.AWS_SECRET_ACCESS_KEY,
    });
    expect((await client.config.credentials()).sessionToken).toBeUndefined();
    expect(await client.config.region()).toBe('us-east-1');
  }
  await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'table/a', Body: 'a row' }));
  await dynamoDb.send(new ListTablesCommand());
  expect(await readFile(path.join(folder, 'lake/table/a'), 'utf8')).toBe('a row');
  expect(await filesBelow(path.join(folder, '.cursors'))).toContain('dynamodb.db');
});

test('the bucket has the requested name', async () => {
  const folder = await temporaryFolder();
  const aws = await startLocalAwsServices({ folder, bucket: 'my-own' });
  onTestFinished(() => aws.close());
  stubEnvironment(aws.environment);
  const s3 = new S3Client({ forcePathStyle: true });
  onTestFinished(() => s3.destroy());
  expect(await s3.send(new ListObjectsV2Command({ Bucket: 'my-own' }))).toMatchObject({ KeyCount: 0 });
});

test('another user of the machine cannot use S3', async () => {
  const folder = await temporaryFolder();
  const aws = await startLocalAwsServices({ folder });
  onTestFinished(() => aws.close());
  const { AWS_ENDPOINT_URL_S3: s3 } = aws.environment;
  expect((await fetch(`${s3}/lake/table/a`, { method: 'PUT', body: 'forged' })).status).toBe(403);
  expect((await fetch(`${s3}/lake?list-type=2`)).status).toBe(403);
  expect(await filesBelow(path.join(folder, 'lake'))).toEqual([]);
});

test("startLocalAwsServices uses the user's own DynamoDB, and does not stop it", async () => {
  const folder = await temporaryFolder();
  const own = await startLocalDynamoDb(path.join(folder, 'own.db'));
  stubEnvironment({ AWS_ENDPOINT_URL_DYNAMODB: own.endpoint });
  const aws = await startLocalAwsServices({ folder });
  expect(aws.environment.AWS_ENDPOINT_URL_DYNAMODB).toBe(own.endpoint);
  expect(await filesBelow(path.join(folder, '.cursors'))).toEqual([]);
  await aws.close();
  // It still runs: `close` would fail otherwise.
  await own.close();
});

test('startLocalAwsServices leaves no service running if one of them does not start', async () => {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, '.cursors'));
  await writeFile(
    path.join(folder, '.cursors/dynamodb.db'),
    'this is no database, but long enough to look at',
  );
  const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
  await eventually(() => servers() === 0);
  await expect(startLocalAwsServices({ folder })).rejects.toThrow(/^The local DynamoDB did not start: /);
  await eventually(() => servers() === 0);
});
