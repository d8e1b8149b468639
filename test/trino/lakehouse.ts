import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { AWS_CLIENT_DEFAULTS } from '../../shared/worker/aws-clients.ts';
import { synthesize } from '../infra/templates.ts';
import { EXTERNAL_CREDENTIALS } from '../support/external-aws.ts';
import { lakeFiles } from '../support/lake-files.ts';
import { Deployment } from './deployment.ts';
import { FakeAthena } from './fake-athena.ts';
import { Glue } from './glue.ts';
import { Trino } from './trino.ts';

/** The servers that `npm run test:trino` starts. */
export interface Servers {
  /** The address of Trino. */
  trino: string;
  /** The address of Glue and S3. */
  aws: string;
}

/** Returns the addresses of the servers. */
export function servers(): Servers {
  const trino = process.env['ATLAS_LAKE_TEST_TRINO'];
  const aws = process.env['ATLAS_LAKE_TEST_GLUE'];
  if (!trino || !aws) throw new Error('These tests need Trino: npm run test:trino');
  return { trino, aws };
}

/** A deployed lake: the store and analysis stacks on S3, Glue, Trino and a stand-in for Athena. */
export interface Lakehouse {
  /** The Glue database of all tables and views. No other lakehouse uses it. */
  database: string;
  /** The bucket of the lake. */
  bucket: string;
  /** A client whose statements see the database. */
  trino: Trino;
  s3: S3Client;
  glue: Glue;
  /** Runs Athena's statements on Trino. */
  athena: FakeAthena;
  stacks: ReturnType<typeof synthesize>;
  /** Resolves references in values of the templates. */
  deployment: Deployment;
  /** Puts each object of a local lake into the bucket: those of the folder that `Scenario` calls `bucket`. */
  upload(folder: string): Promise<void>;
  close(): void;
}

/**
 * Deploys the stacks into a database and buckets of their own, on the servers that all tests share.
 * @param configuration of the stacks, as in `cdk.json`. Its database is replaced.
 */
export async function startLakehouse(
  configuration: Readonly<Record<string, unknown>> = {},
): Promise<Lakehouse> {
  const { trino: endpoint, aws } = servers();
  const suffix = randomUUID().slice(0, 8);
  const database = `atlas_lake_${suffix}`;
  const catalog = {
    ...z
      .object({})
      .loose()
      .parse(configuration['catalog'] ?? {}),
    database,
  };
  const stacks = synthesize({ ...configuration, catalog });
  const s3 = new S3Client({
    ...AWS_CLIENT_DEFAULTS,
    region: 'us-east-1',
    endpoint: aws,
    credentials: EXTERNAL_CREDENTIALS,
    forcePathStyle: true,
  });
  const glue = new Glue(aws);
  const deployment = new Deployment([stacks.store, stacks.collector, stacks.analysis], suffix);
  await deployment.deploy({ s3, glue });
  const trino = new Trino(endpoint, database);
  const bucket = z
    .string()
    .parse(deployment.resolve(stacks.store, stacks.store.outputs['LakeBucket']?.['Value']));
  return {
    database,
    bucket,
    trino,
    s3,
    glue,
    athena: new FakeAthena(trino),
    stacks,
    deployment,
    async upload(folder) {
      for (const key of await lakeFiles(folder)) {
        const Body = await readFile(path.join(folder, key));
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
      }
    },
    close: () => s3.destroy(),
  };
}
