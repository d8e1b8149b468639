import { afterEach, beforeEach, expect, test } from 'vitest';
import { diskMeasurementsDataset } from '../../../functions/disk-measurements/collector.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { Lease } from '../../../shared/cursors/lease.ts';
import { BatchWriter } from '../../../shared/engine/batch-writer.ts';
import { newCursor } from '../../../shared/engine/cursor.ts';
import { applyListing } from '../../../shared/engine/listing.ts';
import { parseRunStatistics } from '../../../shared/engine/run-statistics.ts';
import { isProjectId } from '../../../shared/ids.ts';
import { CommitLog } from '../../../shared/lake/commit-log.ts';
import { Redactor } from '../../../shared/lake/redaction.ts';
import { lakeObjects } from '../../support/lake-files.ts';
import { startTestAws, type TestAws } from '../../support/test-aws.ts';
import { T } from '../../support/times.ts';

const project = '6a793f53c0eb9e7a177137c2';
if (!isProjectId(project)) throw new Error('not a project id');

let aws: TestAws;
beforeEach(async () => {
  aws = await startTestAws();
});
afterEach(() => aws.close());

const [table] = diskMeasurementsDataset.tables;
const rowOf = (columns: readonly { name: string }[]) => ({
  ...Object.fromEntries(columns.map(({ name }) => [name, 1])),
  ts: T,
});
const whole = rowOf(table.columns);
const half = rowOf(table.columns.filter(({ name }) => name !== 'value'));

test('rows of a step that cannot be added completely are never committed, whatever other steps do', async () => {
  const log = new CommitLog(aws.lake);
  const request = {
    run: 'one',
    now: T,
    leaseUntil: T + 1_000,
    breakLease: false,
    stateVersion: 1,
    withEmptied: parseRunStatistics,
    withRecovered: parseRunStatistics,
  };
  const taken = await Lease.acquire(
    aws.cursors,
    log,
    { dataset: 'disk_measurements', subject: project },
    request,
  );
  if (taken.kind === 'held') throw new Error('held');
  const { defaults } = diskMeasurementsDataset;
  const subject = { kind: 'project', id: project } as const;
  await diskMeasurementsDataset.withCollector(defaults, subject, async (collector, codec) => {
    const batch = new BatchWriter(
      codec,
      taken.lease,
      {
        lake: aws.lake,
        log,
        redactor: new Redactor({}, null),
        compression: 'gzip',
        run: 'one',
        now: () => T,
      },
      parseRunStatistics(null),
    );
    const cursor = newCursor<Parameters<typeof codec.sizeBound>[0]>('host:27017', {});
    const first = (name: string) => collector.firstState({ tick: T, now: T }, name);
    applyListing(cursor, wholeListing(['broken', 'sound']), T, first, 1);
    const applied: string[] = [];
    const add = (name: string, rows: (typeof whole)[]) => {
      const target = cursor.targets.get(name);
      if (!target) throw new Error('no such target');
      const addition = { tables: [{ table, rows }], gaps: 0, notes: [] };
      return batch.add(target, addition, () => applied.push(name));
    };
    await expect(add('broken', [whole, half])).rejects.toThrow('lacks the column value');
    // The first error, because the others only follow from it.
    await expect(add('sound', [whole])).rejects.toThrow('lacks the column value');
    await expect(batch.finish((statistics) => ({ statistics, tables: [] }))).rejects.toThrow(
      'lacks the column value',
    );
    expect(applied).toEqual([]);
  });
  expect(await lakeObjects(aws.bucket)).toEqual([]);
  expect(await aws.cursors.readCursors({ dataset: 'disk_measurements', subject: project })).toEqual([]);
});
