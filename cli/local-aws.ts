import { CreateTableCommand, DynamoDBClient, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { type LocalAwsServices, startLocalAwsServices } from '../local-aws/aws.ts';
import { CursorStore } from '../shared/cursors/cursor-store.ts';
import { readHeaders } from '../shared/cursors/header-list.ts';
import { SubjectRegistry } from '../shared/cursors/subject-registry.ts';
import { CURSOR_TABLE_KEYS } from '../shared/cursors/table-schema.ts';
import { LakeRewriter } from '../shared/lake/lake-rewriter.ts';
import { ObjectStore } from '../shared/lake/object-store.ts';
import { AWS_CLIENT_DEFAULTS } from '../shared/worker/aws-clients.ts';

/** The name of the local bucket, which is a folder. */
export const BUCKET = 'lake';

/** The name of the local cursor table. */
export const CURSOR_TABLE = 'atlas-lake-cursors';

/** The AWS services of the collector on one machine: SDK clients, connected to stand-ins. */
export interface LocalAws {
  cursors: CursorStore;
  subjects: SubjectRegistry;
  lake: ObjectStore;
  rewriter: LakeRewriter;
  /** The S3 client for the bucket. */
  s3: S3Client;
  /** The DynamoDB client for the cursor table. */
  dynamodb: DynamoDBClient;
  /** Reads every header of the cursor table. */
  readHeaders(): ReturnType<typeof readHeaders>;
  close(): Promise<void>;
}

export async function startLocalAws(folder: string): Promise<LocalAws> {
  const standIns = await startLocalAwsServices({ folder, bucket: BUCKET });
  return connectLocalAws(standIns, { bucket: BUCKET, table: CURSOR_TABLE });
}

/** Connects to running stand-ins and creates the cursor table if it is missing. `close` also stops the stand-ins. */
export async function connectLocalAws(
  standIns: LocalAwsServices,
  names: { bucket: string; table: string },
): Promise<LocalAws> {
  const { environment } = standIns;
  const common = {
    ...AWS_CLIENT_DEFAULTS,
    region: environment.AWS_REGION,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    },
  };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: environment.AWS_ENDPOINT_URL_DYNAMODB });
  const s3 = new S3Client({ ...common, endpoint: environment.AWS_ENDPOINT_URL_S3, forcePathStyle: true });
  const close = async () => {
    for (const client of [dynamodb, s3]) client.destroy();
    await standIns.close();
  };
  try {
    await createCursorTable(dynamodb, names.table);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    cursors: new CursorStore(dynamodb, names.table),
    subjects: new SubjectRegistry(dynamodb, names.table),
    lake: new ObjectStore(s3, names.bucket),
    rewriter: new LakeRewriter(s3, names.bucket),
    s3,
    dynamodb,
    readHeaders: () => readHeaders(dynamodb, names.table),
    close,
  };
}

export async function createCursorTable(dynamodb: DynamoDBClient, table: string): Promise<void> {
  const { partition, sort } = CURSOR_TABLE_KEYS;
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: table,
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
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}
