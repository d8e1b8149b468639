import { CreateTableCommand, DynamoDBClient, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CursorStore } from '../shared/cursors/cursor-store.ts';
import { readHeaders } from '../shared/cursors/header-list.ts';
import { CURSOR_TABLE_KEYS } from '../shared/cursors/table-schema.ts';
import { UnitRegistry } from '../shared/cursors/unit-registry.ts';
import { LakeRewriter } from '../shared/lake/lake-rewriter.ts';
import { ObjectStore } from '../shared/lake/object-store.ts';
import { AWS_CLIENT_DEFAULTS } from '../shared/lambda/aws-clients.ts';
import { VISIBILITY_SECONDS } from '../shared/lambda/limits.ts';
import { startEmbeddedAws } from './embedded/aws.ts';

/** The lake's bucket on one machine: a folder of this name. */
export const BUCKET = 'lake';

const TABLE = 'atlas-lake-cursors';

/** The parts of AWS that the collector uses, on one machine: the SDK's own clients, talking to stand-ins. */
export interface LocalAws {
  cursors: CursorStore;
  units: UnitRegistry;
  lake: ObjectStore;
  rewriter: LakeRewriter;
  /** Every header of the cursor table. */
  readHeaders(): ReturnType<typeof readHeaders>;
  sqs: SQSClient;
  /** Creates the FIFO queue of a dataset and gives its URL. */
  createQueue(dataset: string): Promise<string>;
  close(): Promise<void>;
}

export async function startLocalAws(folder: string): Promise<LocalAws> {
  const embedded = await startEmbeddedAws({ folder, bucket: BUCKET });
  const { environment } = embedded;
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
  const sqs = new SQSClient({ ...common, endpoint: environment.AWS_ENDPOINT_URL_SQS });
  const close = async () => {
    for (const client of [dynamodb, s3, sqs]) client.destroy();
    await embedded.close();
  };
  try {
    await createCursorTable(dynamodb);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    cursors: new CursorStore(dynamodb, TABLE),
    units: new UnitRegistry(dynamodb, TABLE),
    lake: new ObjectStore(s3, BUCKET),
    rewriter: new LakeRewriter(s3, BUCKET),
    readHeaders: () => readHeaders(dynamodb, TABLE),
    sqs,
    async createQueue(dataset) {
      const { QueueUrl } = await sqs.send(
        new CreateQueueCommand({
          QueueName: `${dataset}.fifo`,
          Attributes: { FifoQueue: 'true', VisibilityTimeout: String(VISIBILITY_SECONDS) },
        }),
      );
      if (!QueueUrl) throw new Error(`no queue for ${dataset}`);
      return QueueUrl;
    },
    close,
  };
}

async function createCursorTable(dynamodb: DynamoDBClient): Promise<void> {
  const { partition, sort } = CURSOR_TABLE_KEYS;
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: TABLE,
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
