import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startLocalAws } from '../../cli/local-aws.ts';
import { localSource } from '../../cli/verification/s3-source.ts';
import { type Verification, verifyLake } from '../../cli/verification/verify-lake.ts';
import { datasets } from '../../functions/datasets.ts';
import { lakeFiles } from './lake-files.ts';
import type { Scenario } from './scenario.ts';

/** Deletes the objects of a table that a condition selects. Returns how many. */
export async function deleteObjects(
  bucket: string,
  table: string,
  selects: (key: string, index: number) => boolean = () => true,
): Promise<number> {
  const keys = (await lakeFiles(bucket)).filter((key) => key.startsWith(`${table}/`)).filter(selects);
  for (const key of keys) await rm(path.join(bucket, key));
  return keys.length;
}

/** Verifies the lake of a scenario. */
export async function verified(scenario: Scenario, now: number): Promise<Verification> {
  const results: Verification[] = [];
  await scenario.restart(async (folder) => {
    const aws = await startLocalAws(folder);
    results.push(await verifyLake(localSource(aws), { datasets, now }));
    await aws.close();
  });
  const [result] = results;
  if (!result) throw new Error('nothing was verified');
  return result;
}
