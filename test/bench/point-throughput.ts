import { gzipSync } from 'node:zlib';
import { diskMeasurementsDataset } from '../../functions/disk-measurements/collector.ts';
import type { AtlasSession, MeasurementWindow } from '../../shared/atlas/api.ts';
import { textOf } from '../../shared/atlas/body.ts';
import { measurementRemarks, seriesOf } from '../../shared/atlas/operations/measurements.ts';
import { SessionRemarks } from '../../shared/atlas/remarks.ts';
import { measurements } from '../../shared/atlas/schemas/measurements.ts';
import { HOUR, MINUTE } from '../../shared/durations.ts';
import { isProjectId } from '../../shared/ids.ts';
import type { FinishedFile } from '../../shared/lake/batch-files.ts';
import type { Compression } from '../../shared/lake/compression.ts';
import { T } from '../support/times.ts';
import { allSteps, type Comparison, compare } from './floor.ts';

const SERIES = 21;

/** Measures the path from response bytes to object for two days of a disk's points. */
export function pointThroughput(): Promise<Comparison> {
  const answers = new Map<string, Buffer>();
  return compare(
    () => plainly([...answers.values()]),
    (compression) => byCollector(answers, compression),
  );
}

/** Returns the lake's files of these points. */
export function pointFiles(): Promise<FinishedFile[]> {
  return byCollector(new Map(), 'gzip');
}

/** Returns Atlas's answer. */
function answerOf({ granularity, start, end }: MeasurementWindow): Buffer {
  const step = granularity === 'PT1H' ? HOUR : MINUTE;
  const intervals = (end - start) / step;
  const series = Array.from({ length: SERIES }, (_, number) => ({
    name: `DISK_PARTITION_MEASUREMENT_${number}`,
    units: 'SCALAR_PER_SECOND',
    dataPoints: Array.from({ length: intervals }, (_, interval) => ({
      timestamp: new Date(start + interval * step).toISOString().replace('.000Z', 'Z'),
      value: Math.sin(number * 1000 + interval) * 1e6,
    })),
  }));
  return Buffer.from(JSON.stringify({ granularity, measurements: series }));
}

/** Does the minimal work: one object for each point, with the columns of the table. */
function plainly(bodies: readonly Buffer[]): void {
  const lines: string[] = [];
  for (const body of bodies) {
    const { measurements: answer } = JSON.parse(body.toString());
    for (const { name, units, dataPoints } of answer) {
      for (const { timestamp, value } of dataPoints) {
        lines.push(
          JSON.stringify({
            ...COMMON,
            measurement: name,
            units,
            granularity: 'PT1M',
            ts: timestamp,
            value,
            collected_at: timestamp,
          }),
        );
      }
    }
  }
  gzipSync(lines.join('\n'));
}

const COMMON = {
  project_id: '6a793f53c0eb9e7a177137c2',
  cluster_name: 'cluster',
  replica_set_name: 'replica-set-0',
  process_id: 'cluster-shard-00-00.abcde.mongodb.net:27017',
  process_type: 'REPLICA_PRIMARY',
  partition_name: 'data',
};

/** Does the same work with validation, the collector's steps and the lake's files. */
function byCollector(answers: Map<string, Buffer>, compression: Compression): Promise<FinishedFile[]> {
  const project = COMMON.project_id;
  if (!isProjectId(project)) throw new Error('not a project id');
  const atlas: Pick<AtlasSession, 'diskMeasurements'> = {
    async diskMeasurements(_project, _process, _partition, window) {
      const key = JSON.stringify(window);
      const body = answers.get(key) ?? answerOf(window);
      answers.set(key, body);
      const list = measurements.parse(JSON.parse(await textOf(body, '')));
      return seriesOf(list, 'diskMeasurements', measurementRemarks('diskMeasurements', new SessionRemarks()));
    },
  };
  return allSteps(
    diskMeasurementsDataset,
    { ...diskMeasurementsDataset.defaults, backfill: 48 * HOUR },
    {
      subject: { kind: 'project', id: project },
      target: { source: COMMON.process_id, name: COMMON.partition_name },
      attributes: COMMON,
      now: T,
      atlas: atlas as AtlasSession,
      compression,
    },
  );
}
