import { cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { BUCKET, CURSOR_TABLE, startLocalAws } from '../../cli/local-aws.ts';
import type { LakeSource } from '../../cli/verification/lake-source.ts';
import { localSource } from '../../cli/verification/s3-source.ts';
import { type Verification, verifyLake } from '../../cli/verification/verify-lake.ts';
import { datasets } from '../../functions/datasets.ts';
import { HOUR, MINUTE } from '../../shared/durations.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { startScenario } from './scenario.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { T } from './times.ts';

const DATASETS = ['disk_measurements', 'access_logs', 'alerts'];

/** An item of the cursor table. */
export type Item = Record<string, AttributeValue>;

/** Collects for two hours. Returns the folder of the lake then, and of the same lake after one hour. */
export async function collectTwoHours(): Promise<{ collected: string; earlier: string }> {
  const organisation = createOrganisation();
  const backfill = { backfill: 'PT30M' };
  const config = { datasets: { disk_measurements: backfill, access_logs: backfill } };
  const scenario = await startScenario({ organisation, start: T, config });
  const collected = await makeTemporaryFolder();
  const earlier = await makeTemporaryFolder();
  for (let at = T; at <= T + HOUR; at += 20 * MINUTE) await scenario.tick(at, DATASETS);
  await scenario.restart((from) => cp(from, earlier, { recursive: true }));
  for (let at = T + 80 * MINUTE; at <= T + 2 * HOUR; at += 20 * MINUTE) await scenario.tick(at, DATASETS);
  await scenario.restart((from) => cp(from, collected, { recursive: true }));
  await scenario.close();
  return { collected, earlier };
}

/** A copy of a lake, to damage and to verify. */
export class LakeToVerify {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async copyOf(from: string): Promise<LakeToVerify> {
    const folder = await makeTemporaryFolder();
    await cp(from, folder, { recursive: true });
    return new LakeToVerify(folder);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }

  /** @param change changes what `verify` reads, to act like a collector that runs meanwhile */
  async verified(change: (source: LakeSource) => Partial<LakeSource> = () => ({})): Promise<Verification> {
    const aws = await startLocalAws(this.folder);
    try {
      const source = localSource(aws);
      return await verifyLake({ ...source, ...change(source) }, { datasets, now: T + 3 * HOUR });
    } finally {
      await aws.close();
    }
  }

  /** Verifies, and returns the problem and the table of each finding. */
  async problems(): Promise<string[]> {
    const { findings } = await this.verified();
    return findings.map(({ problem, table }) => `${problem} ${table}`);
  }

  /** Returns a path in the bucket. */
  fileOf(key: string): string {
    return path.join(this.folder, BUCKET, key);
  }

  keyOf(file: string): string {
    return path.relative(path.join(this.folder, BUCKET), file);
  }

  /** Returns all files of a table or another folder of the bucket, sorted by path. */
  async filesOf(folder: string): Promise<string[]> {
    const entries = await readdir(this.fileOf(folder), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort();
  }

  async lastOf(folder: string): Promise<string> {
    const last = (await this.filesOf(folder)).at(-1);
    if (last === undefined) throw new Error(`${folder} has no objects`);
    return last;
  }

  /** Returns the header and the cursors of a dataset's first project, as they are stored. */
  async itemsOf(dataset: string): Promise<{ partition: string; header: Item; cursors: Item[] }> {
    const [project = ''] = await readdir(this.fileOf(`_commits/${dataset}`));
    const partition = `${dataset}#${project}`;
    const { Items = [] } = await this.#withTable((dynamodb) =>
      dynamodb.send(
        new QueryCommand({
          TableName: CURSOR_TABLE,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: partition } },
        }),
      ),
    );
    const header = Items.find(({ sk }) => sk?.S === 'header');
    if (!header) throw new Error(`${dataset} has no header`);
    return { partition, header, cursors: Items.filter((item) => item !== header) };
  }

  async putItem(item: Item): Promise<void> {
    await this.#withTable((dynamodb) =>
      dynamodb.send(new PutItemCommand({ TableName: CURSOR_TABLE, Item: item })),
    );
  }

  async deleteItem({ pk, sk }: Item): Promise<void> {
    if (!pk || !sk) throw new Error('not an item of the cursor table');
    await this.#withTable((dynamodb) =>
      dynamodb.send(new DeleteItemCommand({ TableName: CURSOR_TABLE, Key: { pk, sk } })),
    );
  }

  async #withTable<Result>(use: (dynamodb: DynamoDBClient) => Promise<Result>): Promise<Result> {
    const aws = await startLocalAws(this.folder);
    try {
      return await use(aws.dynamodb);
    } finally {
      await aws.close();
    }
  }
}
