import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { AtlasSession } from '../../shared/atlas/api.ts';
import type { SourceAttributes, TargetKey } from '../../shared/engine/cursor.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import type { DatasetSettings } from '../../shared/engine/settings.ts';
import type { Subject } from '../../shared/ids.ts';
import { BatchFiles, type FinishedFile } from '../../shared/lake/batch-files.ts';
import { COMPRESSIONS, type Compression } from '../../shared/lake/compression.ts';
import { Redactor } from '../../shared/lake/redaction.ts';
import type { TableRows } from '../../shared/lake/table.ts';
import { targetOf } from '../support/target.ts';

/** The first rounds do not count: functions that collect every few minutes are warm, too. */
const [WARM_UP, ROUNDS] = [3, 9];

/** The median processor time of the same work by minimal code and by the collector, in ms, over all threads. */
export interface Comparison {
  rows: number;
  floor: number;
  collector: Readonly<Record<Compression, number>>;
}

/** Alternates between them, so that other work on the machine affects both. */
export async function compare(
  plainly: () => void,
  byCollector: (compression: Compression) => Promise<readonly FinishedFile[]>,
): Promise<Comparison> {
  const files = await byCollector('gzip');
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const floors: number[] = [];
  const collectors = { gzip: [] as number[], zstd: [] as number[] };
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    floors.push(await timed(plainly));
    for (const compression of COMPRESSIONS)
      collectors[compression].push(await timed(() => byCollector(compression)));
  }
  const warm = (times: readonly number[]) => median(times.slice(WARM_UP));
  return {
    rows,
    floor: warm(floors),
    collector: { gzip: warm(collectors.gzip), zstd: warm(collectors.zstd) },
  };
}

/** Runs all steps of one target from its first state, and returns the lake's files. */
export function allSteps<Settings extends DatasetSettings>(
  dataset: Dataset<Settings>,
  settings: Settings,
  about: {
    subject: Subject;
    target: TargetKey;
    attributes: SourceAttributes;
    now: number;
    atlas: AtlasSession;
    compression: Compression;
    onRows?: (rows: TableRows) => void;
  },
): Promise<FinishedFile[]> {
  const { subject, target, attributes, now, atlas, compression, onRows } = about;
  return dataset.withCollector(settings, subject, async (collector) => {
    const time = { tick: now, now };
    const current = targetOf(collector.firstState(time, target.name), {
      ...target,
      attributes,
      listingAt: now,
    });
    const files = new BatchFiles(new Redactor({}, null), compression);
    for (;;) {
      const step = collector.nextStep(current, time);
      if (!step) break;
      const outcome = await step(atlas, () => now);
      for (const tableRows of outcome.tables) {
        onRows?.(tableRows);
        await files.add(tableRows);
      }
      current.state = outcome.state;
    }
    return files.finish();
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Measures processor time, which excludes other work on the machine. Collects garbage first, to exclude earlier work. */
export async function timed(work: () => unknown): Promise<number> {
  collectGarbage();
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
