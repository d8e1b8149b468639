import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { startEmbeddedAws } from '../../cli/embedded/aws.ts';
import { CursorStore } from '../../shared/cursors/cursor-store.ts';
import { CURSOR_TABLE_KEYS } from '../../shared/cursors/table-schema.ts';
import { ObjectStore } from '../../shared/lake/object-store.ts';
import { AWS_CLIENT_DEFAULTS } from '../../shared/lambda/aws-clients.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

/** The stand-ins with a proxy in front of each, and the stores that talk through the proxies. */
export interface TestAws {
  /** The folder that holds the bucket's objects as plain files. */
  bucket: string;
  /** What its S3 takes. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  s3: FaultProxy;
  dynamodb: FaultProxy;
  cursors: CursorStore;
  lake: ObjectStore;
  close(): Promise<void>;
}

export async function startTestAws(): Promise<TestAws> {
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-'));
  const embedded = await startEmbeddedAws({ folder });
  const s3 = await startFaultProxy(embedded.environment.AWS_ENDPOINT_URL_S3);
  const dynamodb = await startFaultProxy(embedded.environment.AWS_ENDPOINT_URL_DYNAMODB);
  const common = {
    ...AWS_CLIENT_DEFAULTS,
    region: 'us-east-1',
    credentials: {
      accessKeyId: embedded.environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: embedded.environment.AWS_SECRET_ACCESS_KEY,
    },
  };
  const dynamodbClient = new DynamoDBClient({ ...common, endpoint: dynamodb.endpoint });
  const s3Client = new S3Client({ ...common, endpoint: s3.endpoint, forcePathStyle: true });
  const { partition, sort } = CURSOR_TABLE_KEYS;
  await dynamodbClient.send(
    new CreateTableCommand({
      TableName: 'cursors',
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
  return {
    bucket: path.join(folder, 'lake'),
    credentials: common.credentials,
    s3,
    dynamodb,
    cursors: new CursorStore(dynamodbClient, 'cursors'),
    lake: new ObjectStore(s3Client, 'lake'),
    async close() {
      dynamodbClient.destroy();
      s3Client.destroy();
      await s3.close();
      await dynamodb.close();
      await embedded.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
