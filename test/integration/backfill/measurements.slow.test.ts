import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startLocalAws } from '../../../cli/local-aws.ts';
import { localSource } from '../../../cli/verification/s3-source.ts';
import { verifyLake } from '../../../cli/verification/verify-lake.ts';
import { datasets } from '../../../functions/datasets.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation, type Organisation } from '../../../simulator/organisation.ts';
import {
  compare,
  DATABASES,
  DISKS,
  expectedRows,
  type MeasurementKind,
  targetsOf,
} from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { lakeFiles, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

/** Midnight. */
const DAY_START = T - 12 * HOUR;
const NAME = 'disk_measurements';

let scenario: Scenario;
afterEach(() => scenario.close());

const small = (more = {}): Organisation =>
  createOrganisation({
    projects: [
      { name: 'p', clusters: [{ name: 'c', nodes: [{}], databases: ['app'], disks: ['data', 'journal'] }] },
    ],
    ...more,
  });

/** Runs all ticks from an instant up to another. */
async function collect(from: number, to: number, only: readonly string[] = [NAME]): Promise<void> {
  for (let at = from; at <= to; at += 20 * MINUTE) await scenario.tick(at, only);
}

/** Deletes the objects of a table, all or those that a condition selects. */
async function deleteObjects(
  table: string,
  selects = (_: string, index: number) => index >= 0,
): Promise<number> {
  const keys = (await lakeFiles(scenario.bucket))
    .filter((key) => key.startsWith(`${table}/`))
    .filter(selects);
  for (const key of keys) await rm(path.join(scenario.bucket, key));
  return keys.length;
}

function expected(
  organisation: Organisation,
  kind: MeasurementKind,
  from: number,
  to: number,
  readAt: number,
): string[] {
  const { granularity } = kind;
  return targetsOf(organisation, kind).flatMap((target) =>
    expectedRows(organisation, target, { granularity, from, to, readAt }),
  );
}

async function verified(folderOf: Scenario) {
  let result: Awaited<ReturnType<typeof verifyLake>> | undefined;
  await folderOf.restart(async (folder) => {
    const aws = await startLocalAws(folder);
    result = await verifyLake(localSource(aws), { datasets, now: T + 60 * DAY });
    await aws.close();
  });
  return result;
}

describe('deleted objects', () => {
  test('are read again, each row once, and the lake is intact', async () => {
    const organisation = small();
    const start = DAY_START - 6 * HOUR;
    const config = { datasets: { [NAME]: { backfill: 'PT0S' } } };
    scenario = await startScenario({ organisation, start, config });
    await collect(start, DAY_START + 30 * HOUR);
    const before = await tableRows(scenario.bucket, NAME);
    const deleted = await deleteObjects(
      NAME,
      (key, index) => key.includes('dt=2026-03-02') && index % 3 !== 0,
    );
    expect(deleted).toBeGreaterThan(10);
    const lost = before.length - (await tableRows(scenario.bucket, NAME)).length;
    const period = { from: DAY_START, to: DAY_START + DAY };
    const [dry] = await scenario.backfill(NAME, period, { isDryRun: true });
    expect(dry?.findings.absent).toBe(lost);
    expect(await tableRows(scenario.bucket, NAME)).toHaveLength(before.length - lost);
    const [result] = await scenario.backfill(NAME, period);
    expect(result).toMatchObject({ failures: [], replacedObjects: deleted });
    expect(result?.findings).toMatchObject({ absent: lost, incomparable: 0, losses: [] });
    const files = await lakeFiles(scenario.bucket);
    const [again] = await scenario.backfill(NAME, period);
    expect(again?.findings).toMatchObject({ absent: 0 });
    expect(await lakeFiles(scenario.bucket)).toEqual(files);
    await collect(DAY_START + 30 * HOUR + 20 * MINUTE, DAY_START + 60 * HOUR);
    const rows = await tableRows(scenario.bucket, NAME);
    const now = DAY_START + 60 * HOUR;
    const to = Math.floor((now - DISKS.settle) / MINUTE) * MINUTE;
    const from = Math.floor(start / MINUTE) * MINUTE;
    expect(compare(rows, expected(organisation, DISKS, from, to, now))).toMatchObject({
      missing: [],
      unexpected: [],
      twice: [],
    });
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
    expect(await verified(scenario)).toMatchObject({ findings: [], checked: { replaced: deleted } });
  });
});
