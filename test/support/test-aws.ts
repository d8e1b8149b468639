import { rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { startLocalAwsServices } from '../../local-aws/aws.ts';
import { CursorStore } from '../../shared/cursors/cursor-store.ts';
import { PublicationLock } from '../../shared/cursors/publication-lock.ts';
import { CURSOR_TABLE_KEYS } from '../../shared/cursors/table-schema.ts';
import { PublicationBucket } from '../../shared/lake/publication-bucket.ts';
import { AWS_CLIENT_DEFAULTS } from '../../shared/worker/aws-clients.ts';
import { EXTERNAL_AWS, shareOf } from './external-aws.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

type TableItem = Record<string, AttributeValue>;

/** The stand-ins with a proxy in front of each, and stores that use the proxies. */
export interface TestAws {
  /** The folder that holds the bucket's objects as plain files. */
  bucket: string;
  /** The credentials that its S3 accepts. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  s3: FaultProxy;
  dynamodb: FaultProxy;
  cursors: CursorStore;
  publicationLock: PublicationLock;
  lake: PublicationBucket;
  /** Returns every item of the table. */
  scan(): Promise<TableItem[]>;
  /** Replaces all items of the table, like a restore. */
  replaceTable(items: readonly TableItem[]): Promise<void>;
  close(): Promise<void>;
}

export async function startTestAws(): Promise<TestAws> {
  const folder = await makeTemporaryFolder();
  const bucket = path.join(folder, 'lake');
  const { names, aws } = EXTERNAL_AWS
    ? await shareOf(EXTERNAL_AWS, bucket)
    : { names: { bucket: 'lake', table: 'cursors' }, aws: await startLocalAwsServices({ folder }) };
  const s3 = await startFaultProxy(aws.environment.AWS_ENDPOINT_URL_S3);
  const dynamodb = await startFaultProxy(aws.environment.AWS_ENDPOINT_URL_DYNAMODB);
  const common = {
    ...AWS_CLIENT_DEFAULTS,
    region: 'us-east-1',
    credentials: {
      accessKeyId: aws.environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: aws.environment.AWS_SECRET_ACCESS_KEY,
    },
  };
  const dynamodbClient = new DynamoDBClient({ ...common, endpoint: dynamodb.endpoint });
  const s3Client = new S3Client({ ...common, endpoint: s3.endpoint, forcePathStyle: true });
  const { partition, sort } = CURSOR_TABLE_KEYS;
  await dynamodbClient.send(
    new CreateTableCommand({
      TableName: names.table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: partition, KeyType: 'HASH' },
        { AttributeName: sort, KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: partition, AttributeType: 'S' },
        { AttributeName: sort, AttributeType: 'S' },
      ],
    }),
  );
  const { table } = names;
  const scan = async () => (await dynamodbClient.send(new ScanCommand({ TableName: table }))).Items ?? [];
  return {
    bucket,
    credentials: common.credentials,
    s3,
    dynamodb,
    cursors: new CursorStore(dynamodbClient, names.table),
    publicationLock: new PublicationLock(dynamodbClient, names.table),
    lake: new PublicationBucket(s3Client, names.bucket),
    scan,
    async replaceTable(items) {
      for (const item of await scan()) {
        const { [partition]: pk, [sort]: sk } = item;
        if (!pk || !sk) throw new Error('an item without keys');
        const Key = { [partition]: pk, [sort]: sk };
        await dynamodbClient.send(new DeleteItemCommand({ TableName: table, Key }));
      }
      for (const Item of items) await dynamodbClient.send(new PutItemCommand({ TableName: table, Item }));
    },
    async close() {
      dynamodbClient.destroy();
      s3Client.destroy();
      await s3.close();
      await dynamodb.close();
      await aws.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
