import { gzipSync } from 'node:zlib';
import { diskMeasurements } from '../../functions/disk-measurements/dataset.ts';
import type { AtlasSession, MeasurementWindow } from '../../shared/atlas/api.ts';
import { measurements } from '../../shared/atlas/schemas/measurements.ts';
import { isProjectId } from '../../shared/ids.ts';
import { BatchFiles } from '../../shared/lake/batch-files.ts';
import { Redactor } from '../../shared/lake/redaction.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T = Date.parse('2026-03-02T12:00:00Z');
const SERIES = 21;
const ROUNDS = 7;

/** Milliseconds for the same points, once as plainly as can be, once by the collector's own code; medians. */
export async function throughput(): Promise<{ floor: number; collector: number; points: number }> {
  const answers = new Map<string, string>();
  const points = await byCollector(answers);
  const floors: number[] = [];
  const collectors: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    floors.push(timed(() => plainly([...answers.values()])));
    const start = performance.now();
    await byCollector(answers);
    collectors.push(performance.now() - start);
  }
  return { floor: median(floors), collector: median(collectors), points };
}

/** What Atlas would answer. */
function answerOf({ granularity, start, end }: MeasurementWindow): string {
  const step = granularity === 'PT1H' ? HOUR : MINUTE;
  const granules = (end - start) / step;
  const series = Array.from({ length: SERIES }, (_, number) => ({
    name: `DISK_PARTITION_MEASUREMENT_${number}`,
    units: 'SCALAR_PER_SECOND',
    dataPoints: Array.from({ length: granules }, (_, granule) => ({
      timestamp: new Date(start + granule * step).toISOString().replace('.000Z', 'Z'),
      value: Math.sin(number * 1000 + granule) * 1e6,
    })),
  }));
  return JSON.stringify({ granularity, measurements: series });
}

/** One object for each point, with the columns of the table. */
function plainly(bodies: readonly string[]): void {
  const lines: string[] = [];
  for (const body of bodies) {
    const { measurements: answer } = JSON.parse(body);
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

/** The same through validation, the collector's steps and the lake's files; the number of points written. */
async function byCollector(answers: Map<string, string>): Promise<number> {
  const project = COMMON.project_id;
  if (!isProjectId(project)) throw new Error('not a project id');
  const settings = { ...diskMeasurements.defaults, backfill: 48 * HOUR };
  return diskMeasurements.collector(settings).open(async (collector) => {
    const target = { project, owner: COMMON.process_id, name: COMMON.partition_name };
    const time = { tick: T, now: T };
    let state = collector.firstState(target, time);
    const files = new BatchFiles(new Redactor({}, null));
    let points = 0;
    const atlas: Pick<AtlasSession, 'diskMeasurements'> = {
      async diskMeasurements(_project, _process, _partition, window) {
        const key = JSON.stringify(window);
        const body = answers.get(key) ?? answerOf(window);
        answers.set(key, body);
        return measurements.parse(JSON.parse(body));
      },
    };
    for (;;) {
      const step = collector.nextStep(
        { ...target, attributes: COMMON, listedAt: T, listed: true, state },
        time,
      );
      if (!step) break;
      const outcome = await step(atlas as AtlasSession, () => T);
      for (const tableRows of outcome.tables) {
        points += tableRows.rows.length;
        await files.add(tableRows);
      }
      state = outcome.state;
    }
    await files.finish();
    return points;
  });
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
